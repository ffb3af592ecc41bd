"""What ends a measurement: one line for the user."""

import traceback


class Trouble(Exception):
    """A line for the user."""


def last_line(error):
    """The last line of a traceback: the kind of the error and what it says, without line breaks."""
    if isinstance(error, SystemExit):
        return f"SystemExit: {error.code}"
    text = traceback.format_exception_only(type(error), error)[-1]
    return " ".join(text.split())
