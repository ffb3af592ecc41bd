"""What ends a measurement: one line for the user."""

import traceback


class Trouble(Exception):
    """A line for the user."""


def last_line(error):
    """The last line of a traceback: the kind of the error and what it says, without line breaks."""
    if isinstance(error, SystemExit):
        return f"SystemExit: {error.code}"
    # Each line of a note follows; a syntax error's own lines come before.
    notes = [str(note) for note in getattr(error, "__notes__", None) or []]
    lines = traceback.format_exception_only(type(error), error)
    of_notes = sum(len(note.split("\n")) for note in notes)
    lines = lines[: len(lines) - of_notes] if of_notes < len(lines) else lines
    text = " ".join([lines[-1].strip(), *notes])
    return message_of(" ".join(text.split()))


def place_in(file, error):
    """`line 3: ` where the error comes from a line of the file, as the beginning of a message."""
    if isinstance(error, SyntaxError) and error.filename == file:
        return f"line {error.lineno}: "
    lines = [number for frame, number in traceback.walk_tb(error.__traceback__) if frame.f_code.co_filename == file]
    return f"line {lines[-1]}: " if lines else ""


def message_of(text, longest=300):
    """The beginning and the end of a long text: some messages hold a whole traceback."""
    text = text.encode("utf-8", "backslashreplace").decode()
    return text if len(text) <= longest else f"{text[: longest // 3]} … {text[-longest * 2 // 3 :]}"
