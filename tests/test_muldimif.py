"""How MulDimIF's constraints are read, and what the readings say about responses."""

from __future__ import annotations

import pytest

import rewardkit
from rewardkit import formats


def verdict(kind, said, response):
    record = {"prompt": "p", "constraints": [[*kind.split("_", 1), said]]}
    return rewardkit.compile(formats.parse(record, "muldimif").specs).verify(response).ok


def table(rows, columns, names=None):
    head = " | ".join(names or [f"h{i}" for i in range(columns)])
    body = "\n".join(["| " + " | ".join(["x"] * columns) + " |"] * rows)
    return f"Look.\n\n| {head} |\n|{'---|' * columns}\n{body}\n"


@pytest.mark.parametrize(
    "said",
    [
        "Limit the table to three columns",
        "When presenting any data in a table, it is important to limit the table to three columns to maintain clarity",
        "Limit tables to 3 columns",
    ],
)
def test_to_limit_to_a_number_is_no_exact_number(said):
    assert verdict("Format_Table", said, table(2, 2)) is True
    assert verdict("Format_Table", said, table(2, 4)) is False


@pytest.mark.parametrize(
    ("said", "fits", "over"),
    [
        ("The table must have no more than 3 rows and 2 columns.", (2, 1), (2, 3)),
        ("If you include any tabular data, ensure that it does not exceed three rows and two columns", (3, 1), (3, 3)),
        ("the table should have no more than three columns and five rows", (4, 3), (6, 3)),
        ("include a table limited to 3 rows and 2 columns to summarize key points", (1, 1), (1, 3)),
        ("present key information in a table limited to a maximum of 5 rows and 4 columns", (4, 3), (4, 5)),
    ],
)
def test_a_bound_holds_for_both_numbers_behind_it(said, fits, over):
    assert verdict("Format_Table", said, table(*fits)) is True
    assert verdict("Format_Table", said, table(*over)) is False


@pytest.mark.parametrize(
    "said",
    [
        "Please present the information in a table format with a column limit of four, where each column is an aspect",
        "Present your answer in a table format with exactly 2 columns, where the first column lists the expressions",
        "present the information in a table format with a column limit of 2, where one column is the browser's name",
        "The answer must be presented in a tabular format, with a specific requirement that each table should not exceed"
        " 10 rows. If the list of heroes exceeds 10 items, it is necessary to continue the list in additional tables",
    ],
)
def test_a_table_that_is_asked_for_must_be_there(said):
    assert verdict("Format_Table", said, "No table.") is False
    assert verdict("Format_Table", said, table(2, 2)) is True


@pytest.mark.parametrize(
    "said",
    [
        "Any tabular data presented should be limited to three rows",
        "must not exceed two rows if presented in a table",
        "If a table is used, it must not exceed 2 rows",
        "Additionally, if tables are included, limit them to a maximum of 2 rows",
        "Limit any table to a maximum of 2 rows",
    ],
)
def test_a_limit_on_tables_asks_for_none(said):
    assert verdict("Format_Table", said, "No table.") is True
    assert verdict("Format_Table", said, table(9, 2)) is False


def test_a_header_that_is_counted_is_a_row():
    said = "The answer must be presented in a table with a maximum of 4 rows, including the header row"
    assert verdict("Format_Table", said, table(3, 2)) is True
    assert verdict("Format_Table", said, table(4, 2)) is False


@pytest.mark.parametrize(
    "said",
    [
        "The table must have exactly three columns: 'Dish Name', 'Main Ingredients', and 'Cooking Method'",
        "Please provide your answer in a table format with exactly three columns: Game Name, Release Year, and Hero",
        "it must have exactly three columns labeled 'Line', 'Chapter', and 'Book' in a table",
        "ensure that the response is presented in a table format, and the list should include no more than five countries",
        "list no more than 5 episodes in a table format",
    ],
)
def test_what_else_is_asked_of_a_table_is_left_to_a_judge(said):
    assert verdict("Format_Table", said, "No table.") is False
    assert verdict("Format_Table", said, table(2, 3)) is None  # nobody knows what its columns are called


def test_rows_of_what_is_no_table_are_left_to_a_judge():
    for said in ("The list of contents should not exceed five rows", "Limit the summary to a maximum of five rows."):
        assert verdict("Table_Row limit", said, "One.\nTwo.") is None


@pytest.mark.parametrize(
    "said",
    [
        "The outline must use Markdown with heading levels up to level 2.",
        "Any headings used in the answer must not exceed level 2",
    ],
)
def test_a_deepest_level_need_not_be_reached(said):
    assert verdict("Markdown_Heading levels", said, "# One\nText.") is True
    assert verdict("Markdown_Heading levels", said, "# One\n\n### Three\nText.") is False


def test_any_headings_are_none_that_are_asked_for():
    assert (
        verdict("Markdown_Heading levels", "Any headings used in the answer must not exceed level 2", "Text.") is True
    )
    assert verdict("Format_Markdown", "use Markdown with heading levels up to level 2.", "Text.") is False


@pytest.mark.parametrize(
    "said",
    [
        "begin with a level 2 heading in Markdown format",
        "The summary must start with a level 2 heading in Markdown format",
        "The answer must include a level 2 heading at the beginning",
    ],
)
def test_where_a_heading_has_to_stand(said):
    assert verdict("Format_Markdown", said, "## Tea\n\nText.") is True
    assert verdict("Format_Markdown", said, "Text.\n\n## Tea\n\nText.") is False
    assert verdict("Format_Markdown", said, "# Tea\n\n## Tea\n\nText.") is False


@pytest.mark.parametrize(
    "said",
    [
        "incorporating at least two heading levels, such as H1 and H2, to clearly structure the information",
        "The answer must use at least two heading levels in Markdown format",
        "Organize the explanation using Markdown with at least two heading levels, such as ## and ###",
    ],
)
def test_levels_named_as_an_example_may_be_others(said):
    assert verdict("Format_Markdown", said, "## Tea\n\n### Green\n\nText.") is True
    assert verdict("Format_Markdown", said, "## Tea\n\n## Green\n\nText.") is False


def test_exactly_so_many_heading_levels():
    for said in ("must use exactly three heading levels: H1, H2, and H3", "must use exactly three heading levels"):
        assert verdict("Format_Markdown", said, "# A\n\n## B\n\n### C\n") is True
        assert verdict("Format_Markdown", said, "# A\n\n## B\n") is False
        assert verdict("Format_Markdown", said, "# A\n\n## B\n\n### C\n\n#### D\n") is False


@pytest.mark.parametrize(
    "said",
    [
        "each word in the headings is capitalized",
        "The digital essay must use capitalized letters for each word in titles and headings",
        "ensure that each word in the table entries is capitalized to maintain a formal presentation",
        "The answer must use capitalized letters for each word in the name of the college football quarterback",
        "make sure the URL is written in all uppercase letters",
        "The usernames must be presented in all uppercase letters",
    ],
)
def test_capitals_of_a_part_are_not_asked_of_the_whole(said):
    assert verdict("Language_English", said, "# Green Tea\n\nit is green.") is None


def test_a_part_that_only_says_why_is_no_place():
    said = "it must include at least 3 sentences to ensure a thorough explanation of each section"
    assert verdict("Length_Sentences", said, "# A\nOne. Two.\n# B\nThree. Four.") is True


def test_all_that_is_asked_in_one_sentence_is_asked():
    said = "The answer must use capitalized letters for each word and contain at most 5 words."
    for kind in ("Language_English: Capitalized", "Length_Words"):
        assert verdict(kind, said, "Green Tea Is Fine.") is True
        assert verdict(kind, said, "Green tea is fine.") is False
        assert verdict(kind, said, "Green Tea Is Fine And Good And Cheap.") is False
    said = "the term must be concise, specifically at most 3 words long, and it must include the keyword 'illusion'"
    for kind in ("Content_Keywords", "Length_Words"):
        assert verdict(kind, said, "An optical illusion") is True
        assert verdict(kind, said, "That is an optical illusion") is False
        assert verdict(kind, said, "An optical trick") is False
    said = "the explanation should be succinct, limited to at most 2 sentences, and it should conclude with a period"
    for kind in ("Content_Punctuation", "Length_Sentences"):
        assert verdict(kind, said, "It is tea. It is green.") is True
        assert verdict(kind, said, "It is tea. It is green!") is False
        assert verdict(kind, said, "It is tea. It is green. It is fine.") is False


def test_english_that_is_asked_for_beside_capitals():
    said = "the answer should be provided in English, with each word capitalized"
    assert verdict("Language_English", said, "The Tea That We Drink In The Morning Is Green And Very Good.") is True
    assert (
        verdict("Language_English", said, "Der Tee Den Wir Am Morgen Trinken Ist Gruen Und Schmeckt Sehr Gut.") is False
    )


def test_the_full_stop_of_a_keyword_is_kept_and_that_of_the_sentence_is_not():
    assert verdict("Content_Keywords", "Include the keyword 'Apple Inc.' in the answer", "Apple Inc is big") is False
    assert verdict("Content_Keywords", "Include the keyword 'Apple Inc.' in the answer", "Apple Inc. is big") is True
    assert verdict("Content_Keywords", "Must include the keyword 'Qatar.'", "Qatar is hot") is True


def test_the_end_of_a_table_is_not_that_of_the_response():
    assert verdict("Content_Punctuation", "the table concludes with a period", "Text.") is None


def test_what_has_to_be_in_json_is_json_alone():
    said = "The explanation should be in JSON format with object nesting levels not exceeding 3"
    assert verdict("Format_Json", said, '{"a": {"b": 1}}') is True
    assert verdict("Format_Json", said, 'It is so: {"a": {"b": 1}}') is False
    assert verdict("Format_Json", said, '{"a": {"b": {"c": {"d": 1}}}}') is False
    said = "formatted using JSON, with object nesting levels not exceeding two"
    assert verdict("Format_Json", said, '{"a": {"b": {"c": 1}}}') is False
    assert (
        verdict("Format_Json", "The answer must include a JSON object with a nesting level of 2", '{"a": 1}') is False
    )
