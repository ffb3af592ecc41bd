"""What ends a measurement: one line for the user."""

import traceback


class Trouble(Exception):
    """A line for the user."""


def last_line(error):
    """The last line of a traceback: the kind of the error and what it says, without line breaks."""
    if isinstance(error, SystemExit):
        return f"SystemExit: {error.code}"
    # Notes would follow; a syntax error's own lines come before.
    notes = list(getattr(error, "__notes__", None) or [])
    lines = traceback.format_exception_only(type(error), error)
    lines = lines[: len(lines) - len(notes)] if len(notes) < len(lines) else lines
    text = " ".join([lines[-1].strip(), *(str(note) for note in notes)])
    return shortened(" ".join(text.split()))


def shortened(text, longest=300):
    """Some libraries have a whole traceback for a message: its end says most."""
    text = text.encode("utf-8", "backslashreplace").decode()
    return text if len(text) <= longest else f"{text[: longest // 3]} … {text[-longest * 2 // 3 :]}"
