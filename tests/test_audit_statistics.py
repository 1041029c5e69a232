"""Every figure of the audit against an independent computation: scikit-learn, statsmodels, or simulation."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics
from statsmodels.stats.proportion import proportion_confint

from rewardkit import FormatError
from rewardkit.audit import grpo
from rewardkit.audit.agreement import (
    Confusion,
    Labels,
    agreement,
    bootstrapped,
    scored,
    slices,
)
from rewardkit.audit.grpo import CLEAN, Errors, Group
from rewardkit.audit.intervals import difference, exact, needed, proportion


def drawn(seed, prompts=60, each=4, tpr=0.9, fpr=0.3):
    """Labels of a judge with a score, some abstentions, two slices."""
    rng = np.random.default_rng(seed)
    n = prompts * each
    prompt = np.repeat(np.arange(prompts), each)
    gold = rng.random(n) < rng.beta(2, 2, prompts)[prompt]
    score = np.round(np.clip(rng.normal(np.where(gold, 0.65, 0.45), 0.2), 0, 1), 2)
    accepted = rng.random(n) < np.where(gold, tpr, fpr)
    verdict = [None if rng.random() < 0.1 else bool(one) for one in accepted]
    length = np.where(rng.random(n) < 0.5, "short", "long")
    return Labels.of(gold.tolist(), verdict, prompt.tolist(), score.tolist(), {"length": length.tolist()})


LABELS = [drawn(seed) for seed in range(5)]


@pytest.mark.parametrize("labels", LABELS)
def test_rates_are_those_of_scikit_learn(labels):
    decided = labels.verdict >= 0
    gold, verdict = labels.gold[decided], labels.verdict[decided] == 1
    found = agreement(labels, seed=0)
    assert found.recall_right.value == pytest.approx(metrics.recall_score(gold, verdict))
    assert found.recall_wrong.value == pytest.approx(metrics.recall_score(gold, verdict, pos_label=False))
    assert found.precision_right.value == pytest.approx(metrics.precision_score(gold, verdict))
    assert found.precision_wrong.value == pytest.approx(metrics.precision_score(gold, verdict, pos_label=False))
    assert found.confusion.f1 == pytest.approx(metrics.f1_score(gold, verdict))
    assert found.confusion.mcc == pytest.approx(metrics.matthews_corrcoef(gold, verdict))
    assert found.confusion.kappa == pytest.approx(metrics.cohen_kappa_score(gold, verdict))
    assert found.youden[0] == pytest.approx(2 * metrics.balanced_accuracy_score(gold, verdict) - 1)
    assert found.abstained.value == pytest.approx((~decided).mean())


@pytest.mark.parametrize("labels", LABELS)
def test_scores_are_those_of_scikit_learn(labels):
    found = scored(labels)
    assert found.auroc == pytest.approx(metrics.roc_auc_score(labels.gold, labels.score))
    assert found.brier == pytest.approx(metrics.brier_score_loss(labels.gold, labels.score))
    fpr, tpr, _ = metrics.roc_curve(labels.gold, labels.score, drop_intermediate=False)
    for limit, reached in found.tpr_at.items():
        assert reached == pytest.approx(tpr[fpr <= limit].max())
    for point in found.curve:
        accepted = labels.score >= point.at
        assert point.recall_right == pytest.approx(metrics.recall_score(labels.gold, accepted))
        assert point.recall_wrong == pytest.approx(metrics.recall_score(labels.gold, accepted, pos_label=False))
        assert point.precision_right == pytest.approx(metrics.precision_score(labels.gold, accepted))


@given(st.integers(0, 50), st.integers(1, 50))
def test_the_exact_interval_is_that_of_statsmodels(successes, n):
    successes = min(successes, n)
    low, high = proportion_confint(successes, n, method="beta")
    assert exact(successes, n) == pytest.approx((0.0 if successes == 0 else low, 1.0 if successes == n else high))


def test_without_clusters_the_interval_is_the_exact_one():
    hits = np.arange(200) % 4 == 0
    found = proportion(hits, np.arange(200), seed=0)
    assert (found.low, found.high) == pytest.approx(exact(50, 200), abs=2e-3)
    assert found.design == pytest.approx(1.0, abs=0.01)


def test_perfectly_clustered_responses_count_once():
    once = np.arange(100) % 4 == 0
    found = proportion(np.repeat(once, 8), np.repeat(np.arange(100), 8), seed=0)
    assert found.design == pytest.approx(8, rel=0.05)
    assert (found.low, found.high) == pytest.approx(exact(25, 100), abs=6e-3)


def test_with_few_prompts_in_error_one_response_of_each_decides():
    hits = np.zeros(400)
    found = proportion(hits, np.repeat(np.arange(50), 8), seed=0)
    assert (found.value, found.low, found.high) == (0.0, 0.0, pytest.approx(exact(0, 50)[1]))
    hits[:20] = 1  # in three prompts
    found = proportion(hits, np.repeat(np.arange(50), 8), seed=0)
    assert found == proportion(hits, np.repeat(np.arange(50), 8), seed=0)
    assert found.low <= 0.05 <= found.high
    assert math.isnan(found.design)


def test_nothing_is_known_of_nothing():
    found = proportion([], [], seed=0)
    assert math.isnan(found.value)
    assert (found.low, found.high) == (0.0, 1.0)


@pytest.mark.parametrize("icc", [0.0, 0.3])
def test_intervals_cover_what_they_say(icc):
    """A small piece of benchmarks/interval_coverage.py."""
    rng = np.random.default_rng(1)
    prompt = np.repeat(np.arange(40), 5)
    covered = 0
    for n in range(400):
        rate = np.full(40, 0.2) if icc == 0 else rng.beta(0.2 * (1 / icc - 1), 0.8 * (1 / icc - 1), 40)
        covered += 0.2 in proportion(rng.random(200) < rate[prompt], prompt, seed=n)
    assert covered >= 0.93 * 400 - 2 * math.sqrt(400 * 0.93 * 0.07)


def test_the_interval_of_a_difference_covers_it():
    rng = np.random.default_rng(2)
    covered = 0
    for n in range(300):
        first, second = (proportion(rng.random(150) < rate, np.arange(150), seed=n) for rate in (0.85, 0.3))
        low, high = difference(first, second)
        covered += low <= 0.55 <= high
    assert covered >= 0.93 * 300


def test_the_auroc_interval_covers_with_clusters():
    rng = np.random.default_rng(3)
    truth = 0.5 * (1 + math.erf(1 / 2))  # normal scores one standard deviation apart
    covered = 0
    for _ in range(200):
        shared = rng.normal(0, math.sqrt(0.3), 80)[np.repeat(np.arange(80), 5)]
        gold = rng.random(400) < 0.5
        score = shared + rng.normal(0, math.sqrt(0.7), 400) + gold
        labels = Labels.of(gold.tolist(), gold.tolist(), np.repeat(np.arange(80), 5).tolist(), score.tolist())
        found = scored(labels)
        covered += found.low <= truth <= found.high
    assert covered >= 0.9 * 200


def test_the_bootstrap_is_seeded_and_near_the_closed_form():
    labels = drawn(9, prompts=300)
    low, high = bootstrapped(labels, lambda c: c.right_accepted / (c.right_accepted + c.right_rejected), seed=4)
    found = agreement(labels, seed=0).recall_right
    assert (low, high) == pytest.approx((found.low, found.high), abs=0.01)
    assert (low, high) == bootstrapped(
        labels, lambda c: c.right_accepted / (c.right_accepted + c.right_rejected), seed=4
    )


def test_a_slice_that_is_worse_is_named_and_noise_is_not():
    rng = np.random.default_rng(5)
    n = 3000
    gold = rng.random(n) < 0.5
    language = rng.choice(["en", "fr", "th"], n)
    accepted = rng.random(n) < np.where(gold, 0.9, np.where(language == "th", 0.6, 0.1))
    labels = Labels.of(gold.tolist(), accepted.tolist(), range(n), slices={"language": language.tolist()})
    first, *rest = slices(labels, seed=0)
    assert (first.value, first.p < 1e-6) == ("th", True)
    assert all(part.p > 0.05 for part in rest)


def test_needed_labels_for_plus_or_minus_five_points():
    assert needed(0.88, 0.05) + needed(0.40, 0.05) == pytest.approx(531, abs=1)  # as 163 and 369


@pytest.mark.parametrize(
    ("gold", "verdict", "told"),
    [
        ([], [], "no labelled response"),
        ([True, True], [True, False], "all 2 responses are labelled right"),
        ([False], [True], "all 1 responses are labelled wrong"),
        ([True, False], [None, None], "abstained on all 2"),
    ],
)
def test_what_cannot_be_audited_is_told_in_a_sentence(gold, verdict, told):
    with pytest.raises(FormatError, match=told):
        Labels.of(gold, verdict, range(len(gold)))


def test_a_confusion_of_one_kind_has_no_coefficient():
    assert math.isnan(Confusion(5, 0, 0, 5, 0, 0).mcc)
    assert math.isnan(Confusion(5, 0, 0, 0, 0, 0).kappa)


# GRPO: each figure against 200,000 simulated groups, within three standard errors.

GROUPS = 200_000
CASES = [
    (0.5, Errors(0.88, 0.40), Group(8)),
    (0.1, Errors(1.0, 0.4), Group(8, ddof=0)),
    (0.3, Errors(0.9, 0.2, 0.1, 0.3), Group(4)),
    (0.7, Errors(0.6, 0.0), Group(2)),
    (0.2, Errors(0.8, 0.5, 0.0, 0.5), Group(16, normalise=False)),
]


def simulated(p, errors, group, seed=0):
    """Advantages as a trainer makes them: masked ones have none, and are no part of mean and deviation."""
    rng = np.random.default_rng(seed)
    right = rng.random((GROUPS, group.size)) < p
    decided = rng.random(right.shape) >= np.where(right, errors.u1, errors.u0)
    reward = (rng.random(right.shape) < np.where(right, errors.tpr, errors.fpr)).astype(float)
    number = np.maximum(decided.sum(1, keepdims=True), 1)
    mean = (reward * decided).sum(1, keepdims=True) / number
    centred = np.where(decided, reward - mean, 0.0)
    deviation = np.sqrt((centred**2).sum(1, keepdims=True) / np.maximum(number - group.ddof, 1))
    advantage = centred / (deviation + group.eps) if group.normalise else centred
    return right, decided, reward, advantage


def within(found, values, errors=3.0):
    values = np.asarray(values, dtype=float)
    error = values.std() / math.sqrt(len(values)) + 1e-9
    assert abs(found - values.mean()) <= errors * error, (found, values.mean(), error)


@pytest.mark.parametrize(("p", "errors", "group"), CASES)
def test_what_a_policy_feels_is_what_a_simulation_shows(p, errors, group):
    right, decided, reward, advantage = simulated(p, errors, group)
    found = grpo.felt(p, errors, group)
    first = right[:, 0]  # one response a group, so that they are independent
    value = advantage[:, 0]
    gap_error = math.sqrt(value[first].var() / first.sum() + value[~first].var() / (~first).sum())
    assert abs(found.gap - (value[first].mean() - value[~first].mean())) <= 3 * gap_error
    within(found.wrong_up, value[~first] > 1e-12)
    within(found.right_down, value[first] < -1e-12)
    hits, misses = ((reward == side) & decided for side in (1, 0))
    dead = ~(hits.any(1) & misses.any(1))
    within(found.dead, dead)
    within(found.noise_only, (right.all(1) | ~right.any(1)) & ~dead)
    within(found.precision, right[:, 0][hits[:, 0]])
    clean = grpo.felt(p, CLEAN, group)
    assert found.attenuation == pytest.approx(found.gap / clean.gap)


def test_the_gap_of_finite_groups_is_not_the_asymptote():
    """J / sigma is the limit of large groups; groups of eight have .915 of it where .64 of all is rewarded."""
    limit = 0.48 / math.sqrt(0.64 * 0.36)
    noisy = Errors(0.88, 0.40)
    assert grpo.felt(0.5, noisy, Group(8, ddof=0, eps=0)).gap / limit == pytest.approx(0.915, abs=5e-4)
    assert grpo.felt(0.5, noisy, Group(8, ddof=1, eps=0)).gap / limit == pytest.approx(0.856, abs=5e-4)
    assert grpo.felt(0.5, noisy, Group(400, ddof=0, eps=0)).gap / limit == pytest.approx(1, abs=5e-3)
    deviation = sum(math.comb(8, k) / 256 * math.sqrt(k * (8 - k)) / 8 for k in range(9))
    assert grpo.felt(0.5, CLEAN, Group(8, ddof=0, eps=0)).gap == pytest.approx(deviation / 0.25)
    assert grpo.felt(0.5, Errors(0.88, 0.40), Group(8, ddof=0, eps=0)).attenuation == pytest.approx(0.493, abs=2e-3)
    assert grpo.felt(0.1, Errors(1.0, 0.4), Group(8, ddof=0, eps=0)).attenuation == pytest.approx(0.479, abs=2e-3)
    assert grpo.felt(0.1, Errors(0.6, 0.0), Group(8, ddof=0, eps=0)).attenuation == pytest.approx(0.629, abs=2e-3)


def test_prompts_are_averaged_one_by_one():
    errors, group = Errors(0.9, 0.3), Group(8)
    rates = [0.0, 0.02, 0.02, 0.9, 1.0]
    each = [grpo.felt(p, errors, group) for p in rates]
    found = grpo.over(rates, errors, group)
    assert found.gap == pytest.approx(np.mean([one.gap for one in each]))
    assert found.dead == pytest.approx(np.mean([one.dead for one in each]))
    assert found.dead > 2 * grpo.felt(float(np.mean(rates)), errors, group).dead


def test_where_most_rewarded_responses_are_wrong():
    errors = Errors(0.88, 0.40)
    assert grpo.break_even(errors) == pytest.approx(0.3125)
    assert grpo.felt(0.3125, errors).precision == pytest.approx(0.5)


@given(st.floats(0.05, 0.95), st.floats(0, 1), st.floats(0, 1))
def test_a_reward_that_cannot_tell_teaches_nothing_and_errors_only_weaken(p, tpr, fpr):
    assert grpo.felt(p, Errors(tpr, tpr)).gap == pytest.approx(0, abs=1e-9)
    assert grpo.felt(p, Errors(tpr, fpr)).gap * (tpr - fpr) >= -1e-12
    assert grpo.felt(p, Errors(tpr, fpr)).gap <= grpo.felt(p, CLEAN).gap + 1e-9


def test_a_policy_is_pulled_to_what_is_accepted_more_often_than_the_rest():
    assert grpo.pull(0.5, 0.5) == pytest.approx(0, abs=1e-9)
    assert grpo.pull(0.9, 0.5) > 0 > grpo.pull(0.2, 0.5)


def test_a_conjunction_multiplies_and_correlation_softens_it():
    errors = Errors(0.9, 0.407)
    found = grpo.conjunction(errors, 5)
    assert found.tpr == pytest.approx(0.9**5)
    assert found.youden == pytest.approx(0.9**4 * (0.9 - 0.407))
    assert grpo.conjunction(errors, 5, 0.6).tpr == pytest.approx(0.73, abs=0.01)
    rng = np.random.default_rng(7)
    shared, own = rng.normal(size=(400_000, 1)), rng.normal(size=(400_000, 5))
    from scipy import stats

    passes = (math.sqrt(0.6) * shared + math.sqrt(0.4) * own) < stats.norm.ppf(0.9)
    within(grpo.conjunction(errors, 5, 0.6).tpr, passes.all(1))


@pytest.mark.parametrize("bad", [{"size": 1}, {"ddof": 2}, {"eps": -1.0}])
def test_a_group_that_is_none_is_refused(bad):
    with pytest.raises(ValueError, match="a group has at least 2 responses"):
        Group(**bad)
