"""Evidence that was made up, so that a claim's measures see what they are meant to see."""

import numpy as np
import pytest
import torch
from torch import nn

from reparam.data import Dataset, Schema
from reparam.metrics.recognition import Judgement
from reparam.study.evidence import Evidence
from reparam.study.models import Trained

CLASSES = tuple("abcdefghij")
ITEMS = 2000


class Decoder(nn.Module):
    """Decodes a code to four pixels: its first two numbers, squashed by a gain of one's choice."""

    def __init__(self, gain=1.0):
        super().__init__()
        self.gain = gain

    def decode(self, z):
        squashed = torch.sigmoid(self.gain * z[:, :2])
        return torch.cat([squashed, squashed], 1).reshape(-1, 1, 2, 2)


def judgement(label=None, recognisable=None):
    """What a judge might say."""
    given = recognisable if label is None else label
    n = len(given)
    label = np.zeros(n, int) if label is None else np.asarray(label)
    good = np.ones(n, bool) if recognisable is None else np.asarray(recognisable)
    return Judgement(label, np.ones(n), np.ones(n), good)


def share(value, n=2000):
    """A judgement of which a share is recognisable."""
    return judgement(recognisable=np.arange(n) < value * n)


@pytest.fixture
def rng():
    return np.random.default_rng(5)


@pytest.fixture
def made_up():
    """Evidence of codes by model, judgements by model and source, and gains of decoders."""

    def build(codes=None, judged=None, labels=None, gains=None, recogniser=None, spreads=None):
        labels = np.arange(ITEMS) % 10 if labels is None else labels
        schema = Schema("made up", "train", "pictures", (1, 2, 2), "float32", CLASSES)
        pixels = torch.rand(len(labels), 1, 2, 2, generator=torch.Generator().manual_seed(0))
        items = Dataset(pixels, torch.as_tensor(labels), schema)
        models = {
            name: Trained(Decoder((gains or {}).get(name, 1.0)), [], 1.0, False)
            for name in {*(codes or {}), *(gains or {})}
        }
        evidence = Evidence(models, items, items, seed=0)
        for name, z in (codes or {}).items():
            spread = (spreads or {}).get(name)
            evidence._kept["posteriors", name] = (np.asarray(z, float), spread)
        for (name, source), said in (judged or {}).items():
            evidence._kept["judged", name, source] = said
        evidence.__dict__["recogniser"] = recogniser
        return evidence

    return build


def says(claims, id_, evidence):
    """The verdict of one claim on made-up evidence."""
    claim = next(claim for claim in claims if claim.id == id_)
    return claim.verdict(evidence, claim.measure(evidence))
