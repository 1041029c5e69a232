"""Prompts that have nothing to do with each other, answers to them, and a text that answers none."""

from __future__ import annotations

from rewardkit.types import Spec

PROMPTS = (
    "Write a short poem about a lighthouse keeper.",
    "How do vaccines train the immune system?",
    "List the ingredients of a Neapolitan pizza.",
    "Explain why airplanes stay in the air.",
    "Recommend a hiking trail near Vienna.",
)
TEMPLATE = (
    "The harbour wakes before dawn, and the fishermen carry their baskets down the wooden pier. A bell rings twice. "
    "Nobody hurries, for the tide decides everything here, as it always has."
)
ANSWERS = (
    "He trims the wick and winds the clock,\nand counts the ships that pass the rock,\nand sleeps when gulls begin to knock.",
    "A vaccine shows immune cells a harmless piece of a germ, so that memory cells recognise the real one within days.",
    "Flour, water, salt and yeast for the dough; San Marzano tomatoes, mozzarella, basil and olive oil on top of it.",
    "The wing turns the air downwards as it moves forward, and by Newton's third law the air pushes the wing up.",
    "Take the tram to Nussdorf and walk the Stadtwanderweg 1 over the Kahlenberg, with vineyards most of the way.",
)
SHORT = [Spec("length:words", {"relation": "at most", "n": 200})]
TOPICS = [
    "a lighthouse keeper",
    "vaccines",
    "pizza",
    "airplanes",
    "Vienna",
    "the moon",
    "an old dog",
    "winter",
    "honey bees",
    "a broken clock",
    "my grandmother",
    "the sea",
    "a train station",
    "a lost letter",
    "mountains",
    "coffee",
    "snails",
]
