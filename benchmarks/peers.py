"""Our networks in the hands of another library, so that only the training differs."""

import contextlib
import tempfile
from collections.abc import Callable

import torch
from torch import nn

from reparam.data import Dataset
from reparam.models import VAE


class Enough(Exception):
    """Ends a training."""


def train_with_pythae(
    model: VAE,
    train: Dataset,
    epochs: int,
    begin: Callable[[], None],
    look: Callable[[], bool],
    **recipe: object,
) -> None:
    """Train a model's networks with Pythae's VAE and trainer, at their defaults.

    Args:
        model: Whose networks to train, with latents of 16 numbers.
        train: The training set.
        epochs: How many at most.
        begin: Called when training begins.
        look: Called after each epoch; training ends when it says so.
        **recipe: More of Pythae's `BaseTrainerConfig`.
    """
    from pythae.models import VAE as PythaesVAE
    from pythae.models import VAEConfig
    from pythae.models.base.base_utils import ModelOutput
    from pythae.models.nn import BaseDecoder, BaseEncoder
    from pythae.pipelines import TrainingPipeline
    from pythae.trainers import BaseTrainerConfig
    from pythae.trainers.training_callbacks import TrainingCallback

    class Encoder(BaseEncoder):
        def __init__(self) -> None:
            nn.Module.__init__(self)
            self.network = model.posterior.network

        def forward(self, x: torch.Tensor) -> ModelOutput:
            mean, log_variance = self.network(x).chunk(2, -1)
            return ModelOutput(embedding=mean, log_covariance=log_variance)

    class Decoder(BaseDecoder):
        def __init__(self) -> None:
            nn.Module.__init__(self)
            self.network = model.likelihood.network

        def forward(self, z: torch.Tensor) -> ModelOutput:
            return ModelOutput(reconstruction=self.network(z).sigmoid())

    class Look(TrainingCallback):
        def on_epoch_end(self, training_config: BaseTrainerConfig, **_: object) -> None:
            if look():
                raise Enough

    config = VAEConfig(input_dim=train.shape, latent_dim=16, reconstruction_loss="bce")
    theirs = PythaesVAE(config, encoder=Encoder(), decoder=Decoder())
    with tempfile.TemporaryDirectory() as folder, contextlib.suppress(Enough):
        settings = BaseTrainerConfig(output_dir=folder, num_epochs=epochs, **recipe)
        pipeline = TrainingPipeline(training_config=settings, model=theirs)
        begin()
        pipeline(train_data=train.tensor(), callbacks=[Look()])
