"""Every sentence of the note that the study began from is a claim that is measured, or is none.

The note is not part of the project. Where a copy of it lies beside the checkout, its sentences are
compared with the list below, of which the first words are enough to find each.
"""

import re
from pathlib import Path

import pytest

from reparam.study.claims import CLAIMS

NOTES = sorted(Path(__file__).parents[3].glob("*/seed/*.txt"))

CLAIMED = {
    "An autoencoder is simply a neural network": ["close"],
    "The embedding space": ["any-point"],
    "The embedding ($": ["compression"],
    "The idea is that by choosing any point": ["any-point"],
    "Optimising for RMSE means": ["symmetric-errors", "asymmetry"],
    "Binary cross-entropy loss is asymmetrical": ["asymmetry"],
    "It penalises errors toward the extremes": ["asymmetry"],
    "For example, if the true pixel value is high": ["asymmetry"],
    "If the true pixel value is low": ["asymmetry"],
    "This has the effect of binary cross-entropy": ["blur", "grey", "pixelised"],
    "Some clothing items are represented": ["areas"],
    "The distribution is not symmetrical": ["off-centre"],
    "For example, there are far more points": ["off-centre"],
    "There are large gaps between colours": ["gaps"],
    "if we pick points uniformly": ["favoured"],
    "it is not obvious how we should go about": ["undefined"],
    "There are holes in the embeddings": ["gaps"],
    "The autoencoder has no reason to ensure": ["bad-gaps"],
    "Even points that are central": ["bad-gaps"],
    "This is because the autoencoder is not forced": ["discontinuous"],
    "This problem become a lot more significant": ["dimensions"],
    "In an autoencoder, each image is mapped": ["point-or-normal"],
    "In a variational autoencoder, each image is instead": ["point-or-normal"],
    "The concept of a normal distribution extends": ["density"],
    "An isotropic gaussian is one": ["cheap"],
    "This means that the distribution is independent": ["uncorrelated"],
    "Variational autoencoders assume": ["uncorrelated"],
    "<mark class=": ["log-variance"],
    "The advantage in comparison to the Autoencoder": ["mends-gaps"],
    "Our new samples are therefore": ["mends-samples"],
    "Rather than sample directly": ["reparameterised"],
    "This is known as the reparameterisation trick": ["reparameterised"],
    "By keeping all of the randomness": ["deterministic"],
    "Math:": ["kl"],
}
NO_CLAIM = {
    "In 2013, Diederik P.": "history",
    "Kingma and Max Welling published": "history",
    "This is fairly simple stuff": "a pointer to another page",
    "The loss function is usually chosen": "what is usual",
    "This latent space leads": "announces the list that follows",
    "In this book, we will typically be using": "says which distribution is used",
    "isotropic multivariate normal distributions,": "says which distribution is used",
    "where the covariance matrix is diagonal": "a definition",
    "This is the case for the multivariate normal": "says which distribution is used",
    "A multivariate standard normal": "a definition",
    "KL divergence is a way": "a definition",
    "In a VAE, we want to measure": "says what is measured",
    "Code": "a heading",
}
BEYOND = {"mends-areas", "mends-centre", "mends-favoured", "mends-undefined"}


def sentences(text):
    """The prose of a note: no front matter, headings, pictures, code or formulas of their own."""
    text = re.sub(r"\A---.*?---", "", text, flags=re.S)
    text = re.sub(r"```.*?```", "", text, flags=re.S)
    text = re.sub(r"\$\$.*?\$\$", "", text, flags=re.S)
    found = []
    for line in text.splitlines():
        line = re.sub(r"^\s*(?:[-*]|\d+\))\s*", "", line).strip()
        if not line or line.startswith(("#", "![[")):
            continue
        found += re.split(r"(?<=[.!?])\s+(?=[A-Z`])", line)
    return [sentence for sentence in found if re.search(r"[A-Za-z]{3}", sentence)]


def test_every_sentence_names_claims_that_exist_and_every_claim_is_named():
    named = {id_ for ids in CLAIMED.values() for id_ in ids}
    ids = {claim.id for claim in CLAIMS}
    assert named <= ids
    assert ids - named == BEYOND  # the note says that a VAE mends; these say what it mends


@pytest.mark.skipif(not NOTES, reason="the note is not beside this checkout")
def test_every_sentence_of_the_note_is_listed():
    prose = sentences(NOTES[0].read_text(encoding="utf-8", errors="replace"))
    listed = [*CLAIMED, *NO_CLAIM]
    missing = [s for s in prose if not any(fragment in s for fragment in listed)]
    assert missing == []
    unused = [fragment for fragment in listed if not any(fragment in s for s in prose)]
    assert unused == []
