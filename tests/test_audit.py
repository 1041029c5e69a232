"""Audits of labelled responses: the decision and its rule, what is refused, the command."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
import time

import numpy as np
import pytest

from rewardkit import FormatError, audit, formats
from rewardkit.audit.terminal import shown


def rows(n=400, tpr=0.95, fpr=0.02, right=0.5, each=1, seed=0, **columns):
    """Labelled verdicts of a reward with these rates."""
    rng = np.random.default_rng(seed)
    gold = rng.random(n) < right
    verdict = rng.random(n) < np.where(gold, tpr, fpr)
    return [
        {"id": k, "gold": int(gold[k]), "verdict": int(verdict[k]), "prompt_id": k // each, **columns} for k in range(n)
    ]


@pytest.mark.parametrize(
    ("rates", "decision", "rule"),
    [
        ({"tpr": 0.95, "fpr": 0.02, "n": 800}, "TRAIN", "above the limits"),
        ({"tpr": 0.95, "fpr": 0.35, "n": 800}, "GUARD", "train on what rules can check"),
        ({"tpr": 0.95, "fpr": 0.9, "n": 400}, "DO NOT TRAIN", "below 50%"),
        ({"tpr": 0.1, "fpr": 0.02, "n": 800}, "DO NOT TRAIN", "J = "),
        ({"tpr": 0.95, "fpr": 0.08, "n": 60}, "INCONCLUSIVE", "more labelled wrong responses"),
        ({"tpr": 0.95, "fpr": 0.5, "n": 100}, "INCONCLUSIVE", "either side of 0.5"),
        ({"tpr": 0.5, "fpr": 0.01, "n": 1500}, "GUARD", "rejects many right responses"),
    ],
)
def test_the_decision_and_the_rule_that_fired(rates, decision, rule):
    found = audit.labels(rows(**rates), seed=0)
    assert found.decision == decision, found.ruling
    assert rule in found.ruling.rule


def test_more_labels_of_the_number_told_decide():
    few = audit.labels(rows(n=120, fpr=0.15), seed=0)
    assert few.decision == "INCONCLUSIVE"
    more = 2 * (few.ruling.labels_needed + few.agreement.recall_wrong.n)
    assert audit.labels(rows(n=3 * more, fpr=0.15), seed=0).decision == "GUARD"


def test_a_reward_that_abstains_a_lot_is_not_decided_by_the_rest():
    given = rows(n=600)
    for row in given[::3]:
        row["verdict"] = None
    found = audit.labels(given, seed=0)
    assert found.decision == "INCONCLUSIVE"
    assert "abstains on 33%" in found.ruling.rule


def test_the_thresholds_are_the_users():
    given = rows(n=800, fpr=0.35)
    assert audit.labels(given, seed=0, rules=audit.Rules(train=0.5, least=(0.25, 0.4))).decision == "TRAIN"
    assert audit.labels(given, seed=0, rules=audit.Rules(refuse=0.8)).decision == "DO NOT TRAIN"


def test_clustered_errors_widen_the_interval():
    independent = rows(n=900, fpr=0.1, right=0.3)
    together = [
        {**row, "verdict": independent[k // 6]["verdict"], "gold": independent[k // 6]["gold"]}
        for k, row in enumerate(independent)
    ]
    for k, row in enumerate(together):
        row["prompt_id"] = k // 6
    one, other = (audit.labels(given, seed=0).agreement.recall_wrong for given in (independent, together))
    assert other.high - other.low > 1.8 * (one.high - one.low)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda given: given.clear(), "no labelled response"),
        (lambda given: [row.pop("gold") for row in given], "no column 'gold'"),
        (lambda given: [row.update(golds=row.pop("gold")) for row in given], "did you mean 'golds'"),
        (lambda given: [row.pop("verdict") for row in given], "no column 'verdict'"),
        (lambda given: given[3].update(gold="maybe"), "row 4: gold is 1 or 0"),
        (lambda given: given[3].update(gold=None), "row 4: gold is missing"),
        (lambda given: given[3].update(verdict=7), "row 4: verdict is 1 or 0"),
        (lambda given: given[5].update(id=2), "id '2' stands on rows 3 and 6"),
        (lambda given: [row.update(gold=1) for row in given], "all 40 responses are labelled right"),
        (lambda given: [row.update(verdict=None) for row in given], "abstained on all 40"),
        (lambda given: given[3].update(prompt_id=None), "row 4: prompt_id is missing"),
        (lambda given: [row.update(score=float("nan")) for row in given], "row 1: score is nan"),
        (lambda given: [row.update(score="high") for row in given], "row 1: score is a number"),
        (
            lambda given: [(row.pop("verdict"), row.update(score=7)) for row in given],
            "scores go from 7 to 7: say from which",
        ),
    ],
)
def test_what_cannot_be_audited_is_one_clear_sentence(change, told):
    given = rows(n=40)
    change(given)
    with pytest.raises(FormatError, match=told):
        audit.labels(given, seed=0)


def test_scores_alone_make_verdicts():
    given = [{"gold": n % 2, "score": (n % 2) * 0.6 + n / 1000} for n in range(200)]
    found = audit.labels(given, seed=0)
    assert found.provenance["accept_at"] == 0.5
    assert found.scored.auroc == 1.0
    assert found.agreement.confusion.wrong_accepted == 0
    assert "each counts as its own" in " ".join(found.not_tested)


def test_an_audit_is_the_same_twice_and_its_json_holds_no_nan(tmp_path):
    given = rows(n=300, each=3, slice="all")
    first, second = (audit.labels(given, seed=3).to_json() for _ in range(2))
    assert first == second
    audit.labels(given, seed=3).save(tmp_path / "audit.json")
    loaded = json.loads((tmp_path / "audit.json").read_text(), parse_constant=lambda name: pytest.fail(name))
    assert loaded == first
    assert loaded["schema"] == "rewardkit.audit/1"
    with pytest.raises(FormatError, match=r"saved as \.json, \.md or \.html"):
        audit.labels(given, seed=3).save(tmp_path / "audit.txt")


def test_a_hundred_thousand_responses_take_no_time():
    given = rows(n=100_000, each=4)
    for n, row in enumerate(given):
        row |= {"score": (n * 7919 % 1000) / 1000, "slice": f"part {n % 5}"}
    start = time.perf_counter()
    audit.labels(given, seed=0)
    assert time.perf_counter() - start < 30


def test_a_hundred_thousand_responses_take_little_memory(tmp_path):
    given = rows(n=100_000, each=4, response="A response of some length. " * 5)
    tmp_path.joinpath("labels.jsonl").write_text("".join(json.dumps(row) + "\n" for row in given))
    program = (
        "import resource; from rewardkit import audit; audit.labels(audit.read('labels.jsonl'), seed=0);"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    start = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert time.perf_counter() - start < 60
    assert int(done.stdout) < 2_000_000  # kB


def llmbar(data, judge):
    given = audit.read(data / "llmbar" / "llmbar_pointwise.jsonl")
    columns = audit.Columns(score=f"judges.{judge}", accept_at=5, prompt="pair", slices=("subset",))
    return audit.labels(given, seed=0, columns=columns, subject=judge)


def test_recorded_judges_of_llmbar(data):
    chat, four = llmbar(data, "ChatGPT/Rating"), llmbar(data, "GPT-4/Rating")
    assert chat.agreement.recall_wrong.value == pytest.approx(0.055, abs=0.001)
    assert 0.05 < chat.agreement.recall_wrong.high < 0.1
    assert chat.decision == "DO NOT TRAIN"
    assert four.agreement.recall_wrong.value == pytest.approx(0.60, abs=0.005)
    assert four.decision == "GUARD"
    assert four.scored.auroc > chat.scored.auroc + 0.3
    text = "\n".join(part for part in shown(four) if isinstance(part, str))
    assert text.startswith("GUARD: it rejects 59.7% (54.8% to 64.4%)")


def run(folder, *words):
    return subprocess.run(
        [sys.executable, "-m", "rewardkit", "audit", *words], cwd=folder, capture_output=True, text=True, timeout=60
    )


@pytest.mark.parametrize(
    ("rates", "words", "status"),
    [
        ({"n": 800}, (), 0),
        ({"n": 800, "fpr": 0.35}, (), 1),
        ({"n": 800, "fpr": 0.35}, ("--fail-on", "do-not-train"), 0),
        ({"n": 60, "fpr": 0.1}, (), 3),
        ({"n": 1, "fpr": 0.1}, (), 2),
    ],
)
def test_the_exit_status_is_the_decision(tmp_path, rates, words, status):
    with (tmp_path / "labels.csv").open("w", newline="") as file:
        given = rows(**rates)
        table = csv.DictWriter(file, list(given[0]))
        table.writeheader()
        table.writerows(given)
    done = run(tmp_path, "labels.csv", *words)
    assert done.returncode == status, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert (done.stderr.count("\n") == 1) is (status == 2)


def test_json_stands_alone_on_stdout(tmp_path):
    tmp_path.joinpath("labels.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows(n=500)))
    done = run(tmp_path, "labels.jsonl", "--json", "--out", "audit.json")
    assert json.loads(done.stdout) == json.loads((tmp_path / "audit.json").read_text())
    assert 0.9 < json.loads(done.stdout)["agreement"]["recall_wrong"]["value"] < 1


def test_repeated_runs_show_how_stable_a_verdict_is():
    given = rows(n=400, each=2)
    for n, row in enumerate(given):
        row["again"] = row["verdict"] if n % 10 else 1 - row["verdict"]
    assert audit.labels(given, seed=0).stability is None
    found = audit.labels(given, seed=0, columns=audit.Columns(repeats=("again",)))
    assert found.stability.value == 0.9
    assert 0.85 < found.stability.low < 0.9 < found.stability.high < 0.95
    with pytest.raises(FormatError, match="did you mean 'again'"):
        audit.labels(given, seed=0, columns=audit.Columns(repeats=("agian",)))


def test_a_reward_that_draws_lots_is_seen_to(tmp_path):
    rng = np.random.default_rng(0)
    prompts = [
        {"key": n, "prompt": f"p {n}", "specs": [{"id": "punctuation:without", "args": {"mark": "comma"}}]}
        for n in range(100)
    ]
    given = [formats.parse(one, "specs") for one in prompts]
    pairs = [(row, "no comma" if n % 2 else "yes, one") for n, row in enumerate(given)]
    found = audit.reward(lambda response: float(rng.random() < 0.5), given, responses=pairs, seed=0, repeats=3)
    assert found.stability.high < 0.5  # a quarter says the same three times
    found = audit.reward(lambda response: float("," not in response), given, responses=pairs, seed=0)
    assert found.stability.value == 1.0


def test_a_baseline_shows_what_got_worse(tmp_path):
    before, now = (audit.labels(rows(n=2000, fpr=fpr, seed=seed), seed=0) for fpr, seed in ((0.02, 1), (0.3, 2)))
    changes = {one.name: one for one in now.against(before.to_json()).changes}
    worse = changes["recall_wrong"]
    assert worse.is_worse
    assert worse.low < worse.now - worse.before < worse.high < -0.2
    assert not changes["recall_right"].is_worse
    assert not any(one.is_worse for one in before.against(now.to_json()).changes if one.name == "recall_wrong")
    for wrong in ({}, {"schema": "other/1"}, []):
        with pytest.raises(FormatError, match="a baseline is an audit saved as"):
            now.against(wrong)


def test_a_gate_fails_where_the_baseline_was_better(tmp_path):
    for name, fpr in (("old", 0.0), ("new", 0.06)):
        given = rows(n=4000, fpr=fpr)
        tmp_path.joinpath(f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in given))
    assert run(tmp_path, "old.jsonl", "--out", "old.json").returncode == 0
    assert run(tmp_path, "new.jsonl").returncode == 0
    done = run(tmp_path, "new.jsonl", "--baseline", "old.json")
    assert done.returncode == 1
    assert "Against the baseline, wrong responses rejected" in done.stdout
    done = run(tmp_path, "new.jsonl", "--baseline", "missing.json")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1


def test_where_the_fault_lies_is_kept_with_a_false_accept():
    given = rows(n=200, fpr=0.9, response="so, it goes, on", rationale="2 commas")
    for row in given:
        row["spans"] = [[2, 3], [11, 12]]
    shown = audit.labels(given, seed=0).false_accepts[0]
    assert shown.marked == [("so", False), (",", True), (" it goes", False), (",", True), (" on", False)]
    given[0]["spans"] = "2-3"
    with pytest.raises(FormatError, match="pairs of character positions"):
        audit.labels(given, seed=0)
