"""What lies beside a model's weights, and what the Model tab says of it."""

import json
import re
import tomllib
from types import SimpleNamespace

import pytest
from conftest import ROOT
from PIL import Image

from logo_gan.evaluation import model_card, records
from logo_gan.web import model_tab, model_text

ENTRY = {"value": 0.929, "interval": [0.84, 0.97], "n": 960, "extractor": "judge", "floor": 0.083, "ceiling": 0.996}
INFO = {
    "name": "warp",
    "source": "bundled (warp)",
    "revision": None,
    "architecture": "warp",
    "parameters": 493_645,
    "memory": {"drawings": 28_718, "things": 14_023, "sets": 90, "fingerprint": "57631e30"},
    "text_encoder": "all-minilm-l6-v2",
    "training": {"data": "memory (57631e30), 25,688 drawings", "images": 912_192, "seconds": 3749, "config": {}},
    "notice": None,
}


def write(folder, name: str, content) -> None:
    (folder / name).write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")


def cells(table: str) -> list[list[str]]:
    """The texts of a table's cells, row by row, the head first."""
    rows = re.findall(r"<tr>(.*?)</tr>", table)
    return [[re.sub(r"<[^>]+>", " ", cell).strip() for cell in re.findall(r"<t[hd].*?>(.*?)</t[hd]>", r)] for r in rows]


def test_a_folder_without_files_has_nothing_to_show(tmp_path):
    assert model_tab._rows(tmp_path) == []
    assert records.measures(tmp_path) is None
    assert records.faults(tmp_path) == {}
    assert records.strip(tmp_path) is None


def test_a_history_is_read_without_what_is_no_finite_number(tmp_path):
    write(tmp_path, "history.csv", "images,loss_generator,colour\n64,nan,\n128,1.5,0.25\n192,inf,\n")
    assert model_tab._rows(tmp_path) == [
        {"images": 64},
        {"images": 128, "loss_generator": 1.5, "colour": 0.25},
        {"images": 192},
    ]


@pytest.mark.parametrize("content", ["images\nmany\n", "images,loss\n1,2,3,4\n", f"images\n{'1' * 200_000}\n"])
def test_a_damaged_history_is_none(tmp_path, content):
    write(tmp_path, "history.csv", content)
    assert model_tab._rows(tmp_path) == []


@pytest.mark.parametrize("content", ["", "[1]", "{", "[" * 100_000, '"text"'])
def test_damaged_measures_are_refused_and_damaged_faults_left_out(tmp_path, content):
    write(tmp_path, "measures.json", content)
    write(tmp_path, "faults.json", content)
    with pytest.raises(ValueError, match=r"^measures\.json of \S+ cannot be read\.$"):
        records.measures(tmp_path)
    assert records.faults(tmp_path) == {}


def test_a_file_too_large_is_refused(tmp_path):
    for name in ("history.csv", "measures.json"):
        with (tmp_path / name).open("wb") as file:
            file.truncate(records.MAX_BYTES + 1)
    with pytest.raises(ValueError, match="cannot be read"):
        records.measures(tmp_path)
    assert model_tab._rows(tmp_path) == []


def test_a_strip_has_to_be_a_png_of_a_sensible_size(tmp_path):
    Image.new("RGB", (64, 32)).save(tmp_path / "progress.png")
    assert records.strip(tmp_path) == tmp_path / "progress.png"
    Image.new("1", (5000, 5000)).save(tmp_path / "progress.png")
    assert records.strip(tmp_path) is None
    write(tmp_path, "progress.png", "<script>alert(1)</script>")
    assert records.strip(tmp_path) is None
    Image.new("RGB", (64, 32)).save(tmp_path / "progress.png", "GIF")
    assert records.strip(tmp_path) is None


def test_the_strip_in_words_names_model_and_captions():
    text = model_text.strip_text("warp", ("a red cat", "a blue fish"))
    assert "warp" in text and "2 samples" in text and "a red cat; a blue fish" in text


def test_facts_name_what_is_loaded():
    table = model_text.facts(INFO)
    assert dict(cells(table)) == {
        "Name": "warp",
        "From": "bundled (warp)",
        "Revision": "none: its files come with the app, or lie in a folder",
        "Kind": "generator that bends remembered outlines",
        "Parameters": "493,645",
        "Draws from": "28,718 open drawings of 14,023 things, from 90 sets",
        "Words": "bundled sentence encoder (all-MiniLM-L6-v2)",
        "Trained on": "memory (57631e30), 25,688 drawings, 912,192 images, 62 minutes",
    }
    notice = "The model x could not be loaded, so the bundled one draws."
    assert ["Notice", notice] in cells(model_text.facts(INFO | {"notice": notice, "training": {}}))


def test_the_description_takes_its_numbers_from_the_model():
    weights = SimpleNamespace(numel=lambda: 493_645)
    generator = SimpleNamespace(latent=16, noise=100, parameters=lambda: [weights])
    memory = type("Memory", (list,), {"concepts": ["cat"] * 12})(range(28_718))
    gan = SimpleNamespace(config={"architecture": "warp"}, generator=generator, memory=memory)
    told = model_text.description(gan)
    assert "28,718 drawings of 12 things" in told and "493,645 learnt numbers" in told and "16 random values" in told
    assert f"href='{model_card.REPOSITORY}'" in told
    baseline = model_text.description(SimpleNamespace(config={"architecture": "baseline"}, generator=generator))
    assert "28 × 28" in baseline and "100 random values" in baseline and "memory" not in baseline


def test_the_repository_is_the_one_that_the_project_names():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["urls"]["Repository"] == model_card.REPOSITORY


def test_two_models_stand_side_by_side_with_interval_number_floor_and_ceiling():
    other = ENTRY | {"value": 0.1, "interval": [0.05, 0.2], "n": 240}
    head, row = cells(model_text.measures_table({"warp": {"object": ENTRY}, "baseline-28": {"object": other}}))
    assert head == ["Measure", "warp", "baseline-28", "Floor", "Ceiling", "Judged by"]
    assert [re.sub(r"\s+", " ", cell) for cell in row] == [
        "the object named is recognised",
        "0.929 95 %: 0.840 to 0.970, N 960",
        "0.100 95 %: 0.050 to 0.200, N 240",
        "0.083",
        "0.996",
        "judge",
    ]


def test_floors_that_differ_are_given_for_each_model():
    other = ENTRY | {"floor": 0.2}
    table = model_text.measures_table({"a": {"object": ENTRY}, "b": {"object": other}})
    assert "<td>0.083<br>0.200</td>" in table


def test_what_was_not_measured_says_so():
    table = model_text.measures_table(
        {
            "a": {"object": ENTRY, "fid": {"value": None, "note": "not measured here: no Inception weights"}},
            "b": {"object": {"value": float("nan")}},
            "c": None,
            "d": "measures.json of d cannot be read.",
        }
    )
    head, object_row, fid_row = cells(table)
    assert head[1:3] == ["a", "b"]
    assert object_row[2] == "not measured here"
    assert fid_row[1:3] == ["not measured here: no Inception weights", "not measured"]
    assert "c has not been measured" in table and "measures.json of d cannot be read." in table
    alone = model_text.measures_table({"c": None})
    assert "c has not been measured" in alone and "<table" not in alone


def test_controls_seeds_and_size_are_told_and_a_goal_never():
    distance = ENTRY | {
        "value": 12.34,
        "noise": 812.0,
        "collapsed": 301.5,
        "seeds": [12.1, 12.8, 12.34],
        "resize": "28 → 64 px",
        "goal": 987,
        "target": 986,
    }
    table = model_text.measures_table({"a": {"frechet_distance": distance, "goal": ENTRY | {"goal": 985}}})
    assert "noise 812, collapsed 302" in table
    assert "3 seeds 12.1 to 12.8" in table and "judge<small>28 → 64 px</small>" in table
    assert not re.search("98[567]", table)
    head = cells(table)[0]
    assert "Controls" in head and not any("oal" in cell for cell in head)


def test_a_measure_without_plain_words_is_shown_by_its_name():
    assert model_text.words("frechet_distance").startswith("Fréchet distance")
    assert model_text.words("some_new_measure") == "some new measure"


def test_a_remark_on_many_measures_is_told_once():
    told = ENTRY | {"note": "plain batches; higher is better", "reference": "composed logos of seed 5"}
    low = ENTRY | {"note": "plain batches", "times_floor": 2.5, "copied": 0.01}
    table = model_text.measures_table({"a": {"precision": told, "recall": low}})
    assert table.count("plain batches") == 1
    notes = re.findall("<li>(.*?)</li>", table)
    assert notes == ["Reference: composed logos of seed 5", "plain batches", "higher is better"]
    assert re.findall("<sup>(.*?)</sup>", table) == ["1, 2, 3", "2"]
    assert "2.500 × the floor" in table and "copied 0.010" in table


def test_the_three_faults_are_two_sentences_each_with_what_was_measured(tmp_path):
    bare = model_text.faults_text({})
    items = re.findall(r"<li><strong>.*?</strong> (.*?)</li>", bare)
    assert len(items) == 3
    assert all(2 <= len(re.findall(r"\.(?: |$)", item)) <= 3 for item in items)
    assert "wrong caption" in bare and "12 images" in bare and "exactly 1 by construction" in bare
    assert "Measured" not in bare
    write(tmp_path, "faults.json", {"frechet_12": {"value": 342.1, "sentence": "342 for two halves."}, "x": 3})
    told = model_text.faults_text(records.faults(tmp_path))
    assert "Measured: 342 for two halves." in told
    assert told.count("Measured") == 1


HOSTILE = "<img src=x onerror=alert(1)>"


def test_a_stranger_s_texts_stay_texts(tmp_path):
    entry = ENTRY | {
        "extractor": HOSTILE,
        "note": HOSTILE,
        "resize": HOSTILE,
        "reference": HOSTILE,
        "n": HOSTILE,
        "seeds": [HOSTILE],
        "interval": [HOSTILE] * 2,
    }
    write(tmp_path, "faults.json", {name: {"sentence": HOSTILE} for name in model_text.FAULTS})
    texts = [
        model_text.measures_table({HOSTILE: {HOSTILE: entry}, "b" + HOSTILE: None, "c": HOSTILE}),
        model_text.facts({**INFO, **dict.fromkeys(("name", "source", "text_encoder", "notice"), HOSTILE)}),
        model_text.facts(INFO | {"training": {"data": HOSTILE, "images": HOSTILE, "seconds": HOSTILE}}),
        model_text.faults_text(records.faults(tmp_path)),
        model_text.no_strip([HOSTILE]),
        model_text.untracked({HOSTILE: []}, ["overlap"]),
    ]
    for text in texts:
        assert "<img" not in text
        assert "&lt;img" in text


def test_what_no_plot_shows_is_told():
    runs = {"none": [], "losses": [{"images": 1, "loss": 2}], "all": [{"images": 1, "overlap": 0.5}]}
    told = model_text.untracked(runs, ["overlap"])
    assert "There is no history of none that can be read" in told
    assert "No measure was tracked while losses was trained, only losses." in told
    assert "all" not in re.findall(r"\w+", told.replace("losses was trained", ""))


def test_a_program_is_told_value_interval_and_number():
    assert records.summary({"object": ENTRY, "fid": {"value": None, "note": "x"}}) == {
        "object": {"value": 0.929, "interval": [0.84, 0.97], "n": 960},
        "fid": {"value": None, "interval": None, "n": None},
    }
    assert records.summary(None) == {}
