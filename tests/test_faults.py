"""The three faults of the model that this project replaces, each made again in small."""

import pytest

from benchmarks import faults


def test_an_inception_score_of_single_images_is_one_whatever_the_images():
    found = faults.scores()
    assert found["single"] == pytest.approx(1, abs=1e-9)
    assert found["whole"] > 2, "in parts of a hundred the same drawings score by their variety"


def test_a_frechet_distance_of_twelve_logits_is_in_the_hundreds_for_one_and_the_same_set():
    found = faults.distances()
    assert found["few"] > 300
    assert found["few"] > 20 * found["many"]


def test_only_wrong_words_make_a_discriminator_read(tmp_path):
    without, with_wrong = (faults.reads(wrong, 2_400, tmp_path / str(wrong)) for wrong in (False, True))
    # What nothing teaches is arbitrary: 0.44 to 0.71 on the memories so far.
    assert with_wrong > 0.8
    assert without < with_wrong - 0.1
