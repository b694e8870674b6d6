"""What goes wrong, in one sentence each.

Every error that a user can mend is a `ReparamError`. Its message is one sentence that names what
was wrong and says what to do; the command line prints it and exits with status 2.
"""

import re


class ReparamError(ValueError):
    r"""A mistake that the user can mend.

    What other libraries or file names put into the sentence stays on its one line: line ends
    become spaces, and other control characters are written out.

    Args:
        *said: The sentence.

    Example:
        >>> str(ReparamError("it cannot be read:\n  magic \x1b[0m"))
        'it cannot be read: magic \\x1b[0m'
    """

    def __init__(self, *said: object) -> None:
        super().__init__(*(_one_line(each) if isinstance(each, str) else each for each in said))


def _one_line(text: str) -> str:
    joined = re.sub(r"\s*[\r\n]+\s*", " ", text.strip())
    return re.sub(r"[\x00-\x1f\x7f-\x9f]", lambda found: repr(found[0])[1:-1], joined)


class DataError(ReparamError):
    """Data that cannot be read or does not fit."""


class CompositionError(ReparamError):
    """Parts that do not go together."""


class NoDensityError(CompositionError):
    """A distribution that has no density was asked for one."""


class ArtifactError(ReparamError):
    """A model's folder that cannot be written, read or trusted."""


class TrainingError(ReparamError):
    """Training that cannot start or had to stop."""


class Interrupted(KeyboardInterrupt):
    """Training that was stopped from outside, was saved, and can go on.

    Args:
        message: Where it stopped and how to go on.
        signal: The signal's number.
    """

    def __init__(self, message: str, signal: int) -> None:
        super().__init__(message)
        self.signal = signal


class CollapseWarning(UserWarning):
    """The rate has fallen to nothing: the latents carry no information."""


class EndingWarning(UserWarning):
    """Something about a training that has ended, with the option that mends it."""


class MemoryWarning(UserWarning):
    """A training that may not fit into memory."""
