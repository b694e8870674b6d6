"""What goes wrong, in one sentence each.

Every error that a user can mend is a `ReparamError`. Its message is one sentence that names what
was wrong and says what to do; the command line prints it and exits with status 2.
"""


class ReparamError(ValueError):
    """A mistake that the user can mend."""


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
