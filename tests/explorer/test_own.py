"""A person's own picture, given to the real page."""

import base64
import io
import json
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from tests.explorer.seeing import until

from reparam.data import Dataset
from reparam.explorer.dropper import Dropper
from reparam.explorer.upload import Upload, prepared
from reparam.explorer.usual import usual
from reparam.explorer.window import Window
from reparam.latent import anomaly_scores

MARKER = """() => {
  const { data } = Bokeh.documents[0].get_model_by_name("own").data_source;
  return data.x.length ? [data.x[0], data.y[0]] : null;
}"""
DROP = """(content) => {
  const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
  const transfer = new DataTransfer();
  transfer.items.add(new File([bytes], "shirt.png", { type: "image/png" }));
  return transfer;
}"""


def png(pixels, kind="PNG", **options):
    """Bytes of a picture file."""
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, kind, **options)
    return stream.getvalue()


def noise(*shape, seed=0):
    return np.random.default_rng(seed).integers(0, 256, shape, "uint8")


def claiming(width, height):
    """A small PNG whose header claims a size."""
    content = bytearray(png(noise(4, 4)))
    content[16:24] = struct.pack(">II", width, height)
    content[29:33] = struct.pack(">I", zlib.crc32(content[12:29]))
    return bytes(content)


def code(space, pixels):
    """Where the model puts grey pixels."""
    x = torch.from_numpy(pixels)[None, None].float() / 255
    return space.model.encode(x)[0].numpy()


def own(page):
    page.get_by_text("Your picture").click()
    page.wait_for_selector(".field")
    return page


def give(page, content, name="mine.png"):
    file = {"name": name, "mimeType": "image/png", "buffer": content}
    page.set_input_files(".field input", [file])


def z_shown(page, z):
    """Wait until the page shows a picture with a code; gives the code that is shown."""
    page.wait_for_function(
        """(z) => {
          const find = (root) => [...root.querySelectorAll("*")].flatMap((each) =>
            [...(each.dataset?.own === "made" ? [each] : []),
             ...(each.shadowRoot ? find(each.shadowRoot) : [])]);
          const [made] = find(document);
          return made && JSON.parse(made.dataset.z).every((v, k) => Math.abs(v - z[k]) < 1e-4);
        }""",
        arg=[float(value) for value in z],
    )
    return json.loads(page.locator("figure[data-own=made]").get_attribute("data-z"))


def pixels_of(page, which):
    source = page.locator(f"figure[data-own={which}] img").get_attribute("src")
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(source.split(",")[1]))))


def message(page):
    return page.locator(".message")


def test_a_chosen_picture_lands_where_the_model_puts_it(open_page, spaces):
    space, pixels = spaces["vae"], noise(28, 28)
    page = own(open_page())
    give(page, png(pixels))
    z = code(space, pixels)
    np.testing.assert_allclose(z_shown(page, z), z, atol=1e-5)
    place = page.wait_for_function(MARKER).json_value()
    np.testing.assert_allclose(place, z[space.order[:2]], atol=1e-5)
    np.testing.assert_array_equal(pixels_of(page, "seen"), pixels)
    made = space.model.decode(torch.from_numpy(z))[0].clamp(0, 1).mul(255).round()
    assert np.abs(pixels_of(page, "made") - made.numpy()).max() <= 1
    distances = np.linalg.norm(space.z - z, axis=1)
    near = [int(each.get_attribute("data-near")) for each in page.locator("[data-near]").all()]
    np.testing.assert_allclose(distances[near], np.sort(distances)[:5], atol=1e-5)
    page.get_by_text("Hold its code").click()
    page.get_by_text("Selection", exact=True).click()
    page.get_by_text("Select the class").click()
    held = page.locator("figure[data-way=held]")
    held.wait_for()
    np.testing.assert_allclose(json.loads(held.get_attribute("data-z")), z, atol=1e-5)


def test_a_dropped_picture_is_made_grey_and_small_and_its_options_apply(open_page, spaces):
    page, colours = own(open_page()), noise(48, 64, 3) // 2 + 128
    transfer = page.evaluate_handle(DROP, base64.b64encode(png(colours)).decode())
    page.locator(".field").dispatch_event("drop", {"dataTransfer": transfer})
    done = page.locator(".done")
    done.wait_for()
    assert done.inner_text().startswith("64x48 to 28x28: made grey, cropped.")
    assert "Its edges are light, and the items' dark" in done.inner_text()
    before = pixels_of(page, "seen").astype(int)
    page.get_by_label("Light and dark").select_option("swapped")
    page.locator(".done", has_text="inverted").wait_for()
    np.testing.assert_array_equal(pixels_of(page, "seen"), 255 - before)
    page.get_by_label("Another shape is").select_option("pad")
    page.locator(".done", has_text="padded").wait_for()
    assert (pixels_of(page, "seen")[[0, -1]] == 0).all()  # white, swapped


def test_each_bad_upload_gives_one_sentence_and_a_good_one_works_afterwards(
    open_page, spaces, tmp_path
):
    page = own(open_page())
    Path(tmp_path, "huge.png").write_bytes(bytes(20_000_001))
    Path(tmp_path, "large.bmp").write_bytes(png(noise(2500, 2600, 3), "BMP"))  # 19.5 MB
    whole = png(noise(28, 28))
    for content, words in (
        (b"", "mine.png cannot be read: it is empty: give another"),
        (b"GIF89a is no picture", "it is no picture of a kind that is known"),
        (whole[: len(whole) // 2], "image file is truncated"),
        (claiming(60_000, 60_000), "which is taken for an attack"),
        (None, "huge.png has 20.0 MB, and at most 20 MB are taken: save the picture smaller"),
    ):
        if content is None:
            page.set_input_files(".field input", tmp_path / "huge.png")
        else:
            give(page, content)
        message(page).get_by_text(words).wait_for()
        assert message(page).inner_text().count("\n") == 0
        assert page.locator(".done").count() == 0
    two = [{"name": name, "mimeType": "image/png", "buffer": whole} for name in ("a", "b")]
    page.locator(".field input").evaluate("field => field.multiple = true")
    page.set_input_files(".field input", two)
    message(page).get_by_text("2 files came at once: give one picture").wait_for()
    page.set_input_files(".field input", tmp_path / "large.bmp")  # comes in 38 parts
    page.locator(".done", has_text="2600x2500 to 28x28: made grey, cropped").wait_for()
    until(page, lambda: message(page).inner_text() == "")
    give(page, whole)
    z_shown(page, code(spaces["vae"], noise(28, 28)))


def test_two_windows_do_not_mix_and_both_get_their_percentiles(open_page, spaces):
    space, pages = spaces["vae"], [own(open_page()), own(open_page())]
    pictures = [noise(28, 28), np.full((28, 28), 30, "uint8")]
    for page, pixels in zip(pages, pictures, strict=True):
        give(page, png(pixels))
    errors = anomaly_scores(space.model, space.data)["error"].numpy()
    for page, pixels in zip(pages, pictures, strict=True):
        z = code(space, pixels)
        np.testing.assert_allclose(z_shown(page, z), z, atol=1e-5)
        page.wait_for_selector("table[data-done=true]")
        row = page.locator("tr[data-score=error]")
        score = float(row.locator("[data-value]").get_attribute("data-value"))
        picture = Dataset(torch.from_numpy(pixels)[None, None])
        assert score == pytest.approx(float(anomaly_scores(space.model, picture)["error"][0]))
        share = float(row.locator("[data-percentile]").get_attribute("data-percentile"))
        assert share == pytest.approx(100 * (errors < score).mean(), abs=0.2)
    assert message(pages[0]).inner_text() == message(pages[1]).inner_text() == ""


@pytest.mark.parametrize("name", ["vae", "autoencoder", "deep"])
def test_scores_are_the_librarys_and_are_compared_with_the_other_items(spaces, name):
    space = spaces[name]
    window = Window(space)
    panel = next(panel for panel in window.panels if panel.title == "Your picture")
    pixels = noise(28, 28, seed=5)
    panel.receive(Upload("a.png", 1, png(pixels)))
    picture = Dataset(torch.from_numpy(pixels)[None, None])
    expected = anomaly_scores(space.model, picture, reference=space.data)
    assert set(panel.scores) == set(expected)
    for each, values in expected.items():
        assert panel.scores[each] == pytest.approx(float(values[0]), rel=1e-4)
    found = usual(space)
    assert found.done
    assert len(found.items) == len(space.z)
    apart = np.linalg.norm(space.z[:, None] - space.z, axis=2)
    others = np.sort(apart, axis=1)[:, 1:6].mean(1)
    np.testing.assert_allclose(found.scores["latent_distance"], others, atol=1e-4)
    share = found.percentiles(panel.scores)["latent_distance"]
    expected_share = 100 * (others < panel.scores["latent_distance"]).mean()
    assert share == pytest.approx(expected_share, abs=0.5)


def test_the_marker_follows_the_map(spaces):
    space = spaces["deep"]
    window = Window(space)
    panel = next(panel for panel in window.panels if panel.title == "Your picture")
    pixels = noise(28, 28)
    panel.receive(Upload("a.png", 1, png(pixels)))
    z = code(space, pixels)
    for change in ({"across": 3}, {"map": "PCA"}, {"map": "dimensions", "up": 4}):
        window.view.param.update(**change)
        place = [panel.marker.data["x"][0], panel.marker.data["y"][0]]
        np.testing.assert_allclose(place, window.plane.project(z[None])[0], atol=1e-5)


@pytest.mark.parametrize(
    ("content", "shape", "words"),
    [
        (png(noise(10, 10)), (3, 10, 10), "10x10: given three equal channels"),
        (png(noise(10, 10, 4)), (3, 10, 10), "10x10: laid on #00ff00"),
        (png(noise(8, 8).astype("uint16") * 257), (1, 8, 8), "8x8: brought from 16 bits to 8"),
        (png(noise(8, 8, 3), "JPEG", exif=b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01"
             b"\0\x06\0\0\0\0\0\0"), (3, 8, 8), "8x8: turned upright"),
        (png(noise(8, 8)), (1, 8, 8), "8x8: nothing else was done"),
        (png(noise(8, 12, 3), "WEBP", lossless=True), (3, 6, 6), "12x8 to 6x6: stretched"),
        (png(noise(8, 8, 3), "TIFF"), (1, 4, 4), "8x8 to 4x4: made grey"),
    ],
)  # fmt: skip
def test_what_was_done_is_told(content, shape, words):
    found = prepared(Upload("a", 1, content), shape, "stretch", "#00ff00", False)
    assert found.words == words
    assert found.pixels.shape == shape


def test_transparency_shows_the_background():
    clear = np.zeros((4, 4, 4), "uint8")
    found = prepared(Upload("a", 1, png(clear)), (3, 4, 4), "crop", "#00ff00", True)
    np.testing.assert_array_equal(found.pixels[:, 0, 0], [255, 0, 255])


def test_damaged_files_are_refused_or_read_and_raise_nothing_else():
    from reparam.errors import ReparamError

    rng, read, refused = np.random.default_rng(0), 0, 0
    for kind in ("PNG", "JPEG", "WEBP", "BMP", "TIFF"):
        whole = np.frombuffer(png(noise(16, 16, 3), kind), "uint8")
        for _ in range(100):
            broken = whole.copy()
            where = rng.integers(0, min(len(whole), 200), rng.integers(1, 6))
            broken[where] = rng.integers(0, 256, len(where))
            try:
                upload = Upload("a", 1, broken.tobytes())
                found = prepared(upload, (1, 8, 8), "crop", "white", False)
                assert found.pixels.shape == (1, 8, 8)
                read += 1
            except ReparamError:
                refused += 1
    assert min(read, refused) > 50


def test_who_sends_more_than_was_said_is_stopped():
    came = []
    dropper = Dropper(came.append, limit=10)
    start = {"turn": 1, "together": 1, "name": "a", "size": 4, "refused": False}
    for message in (start, {"turn": 1, "part": b"abc"}, {"turn": 2, "part": b"d"}):
        dropper._handle_msg(message)
    assert not came
    dropper._handle_msg({"turn": 1, "part": b"de"})
    dropper._handle_msg({"turn": 1, "part": b"f"})
    assert [each.content for each in came] == [None]
    dropper._handle_msg(start | {"size": 11})
    assert came[-1].content is None
    assert len(came) == 2
    for message in ({}, "", {"part": 3}, {"turn": 1, "size": "x"}, None):
        dropper._handle_msg(message)
    assert len(came) == 2
