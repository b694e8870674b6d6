"""The sets that have a name: what they are called, who made them, and how to tell a good copy."""

from dataclasses import dataclass, field

FASHION_CLASSES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)
DIGITS = tuple("0123456789")
STEMS = {
    "x_train": "train-images-idx3-ubyte",
    "y_train": "train-labels-idx1-ubyte",
    "x_test": "t10k-images-idx3-ubyte",
    "y_test": "t10k-labels-idx1-ubyte",
}


@dataclass(frozen=True)
class NamedSet:
    """A set that `load` knows by name.

    Args:
        name: What a user types.
        title: What a figure says.
        classes: The names of the labels, in order.
        counts: How many items, by split.
        licence: The terms that it comes under.
        checksums: The MD5 of each array's unpacked idx bytes; empty for the embedded set.
        torchvision: The name of torchvision's folder.
        host: Where to download the files from.
    """

    name: str
    title: str
    classes: tuple[str, ...]
    counts: dict[str, int]
    licence: str
    checksums: dict[str, str] = field(default_factory=dict)
    torchvision: str = ""
    host: str = ""


FASHION_MNIST = NamedSet(
    name="fashion-mnist",
    title="Fashion-MNIST",
    classes=FASHION_CLASSES,
    counts={"train": 60_000, "test": 10_000},
    licence="MIT, Copyright 2017 Zalando SE",
    checksums={
        "x_train": "f4a8712d7a061bf5bd6d2ca38dc4d50a",
        "y_train": "9018921c3c673c538a1fc5bad174d6f9",
        "x_test": "8181f5470baa50b63fa0f6fddb340f0a",
        "y_test": "15d484375f8d13e6eb1aabb0c3f46965",
    },
    torchvision="FashionMNIST",
    host="http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
)
MNIST = NamedSet(
    name="mnist",
    title="MNIST",
    classes=DIGITS,
    counts={"train": 60_000, "test": 10_000},
    licence="CC BY-SA 3.0, Yann LeCun and Corinna Cortes",
    checksums={
        "x_train": "6bbc9ace898e44ae57da46a324031adb",
        "y_train": "a25bea736e30d166cdddb491f175f624",
        "x_test": "2646ac647ad5339dbf082846283269ea",
        "y_test": "27ae3e4e09519cfbb04c329615203637",
    },
    torchvision="MNIST",
    host="https://ossci-datasets.s3.amazonaws.com/mnist/",
)
SUBSET = NamedSet(
    name="fashion-mnist-subset",
    title="Fashion-MNIST (subset)",
    classes=FASHION_CLASSES,
    counts={"train": 10_000, "test": 2_000},
    licence=FASHION_MNIST.licence,
)
NAMED = {named.name: named for named in (SUBSET, FASHION_MNIST, MNIST)}
TITLES = {name: named.title for name, named in NAMED.items()}
