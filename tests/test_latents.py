"""Addresses of logos, and the ways through latent space: what is near, what lies between."""

import hashlib
import itertools

import numpy as np
import pytest
import torch

from logo_gan import LogoGAN
from logo_gan.address import (
    MAX_LENGTH,
    AddressError,
    Mixture,
    Neighbour,
    Proposal,
    neighbour,
    parse,
    prompt_of,
    prompts,
)
from logo_gan.choose import undecided
from logo_gan.visit import seed_of, sheet_around

PROMPT, OTHER = "orange rocket in a navy circle", "blue fish logo"
ROCKET, FISH = Proposal(PROMPT, 7, 2), Proposal(OTHER, 9, 1)
LEAF = Neighbour(Proposal("cat", 1, 16), (15,))
BUSH = Mixture(Mixture(LEAF, LEAF, 1, 1), Mixture(Mixture(LEAF, LEAF, 1, 1), Mixture(LEAF, LEAF, 1, 1), 1, 1), 1, 1)
ADDRESSES = {
    "proposal": ROCKET,
    "neighbour": Neighbour(ROCKET, (3,)),
    "neighbour's neighbour": Neighbour(ROCKET, (3, 1)),
    "mixture": Mixture(ROCKET, FISH, 2, 4),
    "neighbour of a mixture": Neighbour(Mixture(ROCKET, FISH, 2, 4), (1,)),
    "mixture of mixtures": Mixture(Mixture(ROCKET, FISH, 1, 4), Neighbour(FISH, (2,)), 1, 1),
    "all kinds of characters": Proposal("рыжий кот & «Ёж» = 100% +logo=3&seed=1#", 0, 16),
}


@pytest.fixture(scope="module")
def gan(bundled_weights) -> LogoGAN:
    return LogoGAN.from_pretrained(bundled_weights)


def same(one, other) -> bool:
    return bool((one.fields == other.fields).all()) and one.palette == other.palette


def apart(one, other) -> float:
    """Root mean square difference of two logos' pixels, 0 to 255."""
    pixels = [np.asarray(logo.image(64), float) for logo in (one, other)]
    return float(np.sqrt(np.square(pixels[0] - pixels[1]).mean()))


@pytest.mark.parametrize("address", ADDRESSES.values(), ids=ADDRESSES)
def test_an_address_is_read_as_it_was_written(address):
    assert parse(str(address)) == address
    assert parse(f"?{address}&model=layered-64-12345678&colours=ffffff-000000") == address


WRONG = {
    "empty": "",
    "nothing of it": "a=1",
    "no seed": "prompt=cat&logo=1",
    "seed too large": "prompt=cat&seed=4294967296&logo=1",
    "seed in other digits": "prompt=cat&seed=٣&logo=1",
    "logo 0": "prompt=cat&seed=1&logo=0",
    "logo 17": "prompt=cat&seed=1&logo=17",
    "two prompts": "prompt=cat&prompt=dog&seed=1&logo=1",
    "like nothing": "prompt=cat&seed=1&logo=1&like=",
    "like 0": "prompt=cat&seed=1&logo=1&like=0",
    "like a path without end": "prompt=cat&seed=1&logo=1&like=" + ".".join(["1"] * 400),
    "one of a mixture": "mix=prompt%3Dcat%26seed%3D1&step=1of2",
    "a step beyond": "mix=prompt%3Dcat%26seed%3D1&mix=prompt%3Dcat%26seed%3D2&step=3of2",
    "too long": "prompt=" + "a" * MAX_LENGTH + "&seed=1&logo=1",
    "too much work": "prompt=cat&seed=1&logo=16&like=" + ".".join(["16"] * 12),
    "a bush of mixtures": str(BUSH),
    "too many fields": "&".join(f"f{i}=1" for i in range(50)),
}


@pytest.mark.parametrize("text", WRONG.values(), ids=WRONG)
def test_an_address_that_leads_nowhere_is_refused_in_one_sentence(text):
    with pytest.raises(AddressError, match=r"\A[A-Z][^\n]{20,140}\.\Z"):
        parse(text)


def test_an_address_of_the_wrong_kind_is_refused():
    with pytest.raises(AddressError):
        parse(None)


def test_a_logo_is_drawn_again_from_its_address(gan):
    logo = gan.generate(PROMPT, seed=7)[1]
    assert logo.address == ROCKET
    assert same(gan.at(ROCKET), logo)
    assert same(gan.at(str(ROCKET)), logo)
    assert logo.recolored(["#ffffff"] * len(logo.palette)).address == ROCKET


def test_a_logo_drawn_in_an_unusual_way_has_no_address(gan):
    plain, tame = gan.generate(PROMPT, 1, 7, diverse=False)[0], gan.generate(PROMPT, 1, 7, truncation=0.5)[0]
    assert plain.address is tame.address is None
    with pytest.raises(ValueError, match="has no address"):
        gan.more_like(plain)


def test_neighbours_are_drawn_again_from_their_addresses_however_many_there_are(gan):
    near = gan.more_like(ROCKET)
    assert [logo.address for logo in near] == [Neighbour(ROCKET, (i,)) for i in (1, 2, 3, 4)]
    assert all(same(gan.at(logo.address), logo) for logo in near)
    assert all(same(one, two) for one, two in zip(near, gan.more_like(ROCKET, 2), strict=False))
    further = gan.more_like(near[2], 1)[0]
    assert further.address == Neighbour(ROCKET, (3, 1))
    assert same(gan.at(str(further.address)), further)


def test_neighbours_are_more_like_the_logo_than_other_proposals_are(gan):
    nearer = []
    for prompt in ("blue fish logo", "yellow bicycle on a blue badge", "letter K", "purple abstract waves", "a tree"):
        logo, *others = gan.generate(prompt, 4, 11)
        near = gan.more_like(logo)
        assert all(apart(one, two) > 1 for one, two in itertools.combinations([logo, *near], 2))
        nearer.append(np.mean([apart(logo, each) for each in near]) < np.mean([apart(logo, each) for each in others]))
    assert sum(nearer) >= 4


def test_a_mixture_leads_from_one_logo_to_another_in_clear_steps(gan):
    first, second = gan.at(ROCKET), gan.at(FISH)
    steps = gan.mix(first, second, 5)
    assert [logo.address for logo in steps] == [Mixture(ROCKET, FISH, i, 5) for i in (1, 2, 3, 4, 5)]
    assert all(same(gan.at(str(logo.address)), logo) for logo in steps)
    assert apart(steps[0], first) < apart(steps[0], second)
    assert apart(steps[-1], second) < apart(steps[-1], first)
    assert float(undecided(torch.from_numpy(np.stack([logo.fields for logo in steps]))).max()) < 0.02
    assert steps[0].caption == f"{PROMPT} + {OTHER}"


def test_mixtures_can_be_mixed_and_varied(gan):
    step = gan.mix(ROCKET, FISH, 1)[0]
    again = gan.mix(step, ROCKET, 1)[0]
    near = gan.more_like(step, 1)[0]
    assert same(gan.at(str(again.address)), again)
    assert same(gan.at(str(near.address)), near)


def test_a_logo_mixed_with_itself_stays_itself(gan):
    step = gan.mix(ROCKET, FISH, 3)[1]
    for address in (ROCKET, step.address):
        logo = gan.at(address)
        assert all(apart(each, logo) < 3 for each in gan.mix(address, address, 3))
    # What is near a mixture keeps its colours, which are not the generator's.
    assert gan.more_like(step, 1)[0].palette[0] == step.palette[0]


def test_a_way_that_could_not_be_followed_back_is_not_gone(gan):
    logo = Neighbour(ROCKET, (4,) * 39)
    with pytest.raises(AddressError, match="leads too far"):
        gan.more_like(logo)
    with pytest.raises(AddressError, match="leads too far"):
        gan.mix(BUSH, ROCKET)
    long = Proposal("ы" * 500, 1, 1)
    assert parse(str(Mixture(long, long, 1, 4))) == Mixture(long, long, 1, 4)


@pytest.mark.parametrize("n", [0, 16, 1.5, True, "4"])
def test_a_number_of_neighbours_out_of_range_is_refused(gan, n):
    with pytest.raises(ValueError, match="from 1 to 15"):
        gan.more_like(ROCKET, n)


@pytest.mark.parametrize("steps", [0, 10, 2.0, None])
def test_a_number_of_steps_out_of_range_is_refused(gan, steps):
    with pytest.raises(ValueError, match="from 1 to 9"):
        gan.mix(ROCKET, FISH, steps)


def test_an_address_with_a_prompt_that_cannot_be_drawn_is_refused(gan):
    with pytest.raises(ValueError, match="no word in it"):
        gan.at("prompt=!!!&seed=1&logo=1")


def test_the_baseline_draws_its_proposals_again_and_refuses_the_rest():
    gan = LogoGAN.from_pretrained("baseline-28")
    logo = gan.generate("red heart", seed=3)[2]
    assert (gan.at(str(logo.address)).pixels == logo.pixels).all()
    for refused in (lambda: gan.more_like(logo), lambda: gan.mix(logo, logo)):
        with pytest.raises(ValueError, match="baseline model draws pixels"):
            refused()


def test_the_sheet_of_a_logo_is_the_one_it_was_seen_on(gan):
    sheet, chosen = sheet_around(gan, ROCKET)
    assert (len(sheet), chosen) == (4, 1)
    assert same(sheet[1], gan.at(ROCKET))
    sheet, chosen = sheet_around(gan, neighbour(Neighbour(ROCKET, (3,)), 2))
    assert sheet[chosen].address == Neighbour(ROCKET, (3, 2))
    sheet, chosen = sheet_around(gan, Mixture(ROCKET, FISH, 2, 4))
    assert [logo.address for logo in (sheet[0], sheet[chosen], sheet[-1])] == [
        ROCKET,
        Mixture(ROCKET, FISH, 2, 4),
        FISH,
    ]


def test_what_an_address_says_of_its_logo():
    mixture = Mixture(ROCKET, FISH, 1, 4)
    assert (seed_of(Neighbour(ROCKET, (3, 1))), seed_of(mixture)) == (7, None)
    assert seed_of(Mixture(ROCKET, Proposal(OTHER, 7, 1), 1, 1)) == 7
    assert prompts(Neighbour(mixture, (1,))) == [PROMPT, OTHER]
    assert prompt_of(Mixture(ROCKET, ROCKET, 1, 1)) == PROMPT


def test_a_fingerprint_names_the_weights(gan, bundled_weights):
    digest = hashlib.sha256((bundled_weights / "model.safetensors").read_bytes()).hexdigest()
    assert gan.fingerprint == f"layered-64-{digest[:8]}"
    assert LogoGAN(gan.generator, gan.config).fingerprint == "layered-64"
