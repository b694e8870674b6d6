import pytest
import torch


@pytest.fixture(autouse=True)
def repeatable():
    """Whatever a test draws without a seed of its own is drawn again the next time."""
    torch.manual_seed(0)
