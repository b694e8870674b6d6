"""In pipelines and searches, and with frames of pandas and polars."""

import subprocess
import sys

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn import config_context
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler

from reparam.sklearn import AutoencoderOutlierDetector, VariationalAutoencoder

TINY = VariationalAutoencoder(
    2, hidden_layer_sizes=(8,), batch_size=32, max_iter=10, random_state=0
)
NAMES = ["height", "width", "depth", "weight", "age"]
OUT = ["variationalautoencoder0", "variationalautoencoder1"]


def test_a_pipeline_and_a_search(plane):
    labels = (plane[:, 0] > 5).astype(int)
    line = make_pipeline(MinMaxScaler(), clone(TINY), LogisticRegression())
    assert cross_val_score(line, plane, labels, cv=2).shape == (2,)
    grid = {"n_components": [1, 2], "variant_params": [None, {"beta": 0.5}]}
    search = GridSearchCV(clone(TINY), grid, cv=2).fit(plane)
    assert search.best_params_["n_components"] in (1, 2)
    assert search.cv_results_["mean_test_score"].shape == (4,)
    assert len(set(search.cv_results_["mean_test_score"])) == 4
    assert search.transform(plane).shape == (600, search.best_params_["n_components"])


@pytest.mark.parametrize("frame", [pd.DataFrame, pl.DataFrame])
def test_frames_in(plane, frame):
    columns = {name: column for name, column in zip(NAMES, plane.T, strict=True)}
    X = frame(columns)
    vae = clone(TINY).fit(X)
    assert vae.feature_names_in_.tolist() == NAMES
    assert vae.n_features_in_ == 5
    assert vae.get_feature_names_out().tolist() == OUT
    plain = clone(TINY).fit(plane)
    assert np.array_equal(vae.transform(X), plain.transform(plane))
    with pytest.raises(ValueError, match="feature names should match"):
        vae.transform(frame({name[::-1]: column for name, column in columns.items()}))
    with pytest.warns(UserWarning, match="does not have valid feature names"):
        vae.transform(plane)
    detector = AutoencoderOutlierDetector(TINY).fit(X)
    assert detector.feature_names_in_.tolist() == NAMES
    assert detector.predict(X).shape == (600,)


def test_frames_out(plane):
    X = pd.DataFrame(plane, columns=NAMES, index=np.arange(600) + 1000)
    codes = clone(TINY).fit(plane).transform(plane)
    pandas = clone(TINY).set_output(transform="pandas").fit(X).transform(X)
    assert isinstance(pandas, pd.DataFrame)
    assert pandas.columns.tolist() == OUT
    assert pandas.index.equals(X.index)
    assert np.array_equal(pandas.to_numpy(), codes)
    with config_context(transform_output="polars"):
        polars = clone(TINY).fit_transform(X)
    assert isinstance(polars, pl.DataFrame)
    assert polars.columns == OUT
    assert np.array_equal(polars.to_numpy(), codes)


def test_the_library_does_not_import_its_face():
    code = (
        "import sys, reparam\n"
        "from reparam import data, fit, zoo\n"
        "sys.exit('reparam.sklearn' in sys.modules or 'pandas' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
