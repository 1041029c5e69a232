"""Lists that published instructions ask about: names, pronouns, countries, capitals; other spellings after a slash."""

CONJUNCTIONS = ["and", "but", "for", "nor", "or", "so", "yet"]  # the coordinating ones of English
NAMES = (
    "Emma Liam Sophia Jackson Olivia Noah Ava Lucas Isabella Mason Mia Ethan Charlotte Alexander Amelia Benjamin "
    "Harper Leo Zoe Daniel Chloe Samuel Lily Matthew Grace Owen Abigail Gabriel Ella Jacob Scarlett Nathan Victoria "
    "Elijah Layla Nicholas Audrey David Hannah Christopher Penelope Thomas Nora Andrew Aria Joseph Claire Ryan Stella "
    "Jonathan"
).split()
# Words that are pronouns wherever they stand: "this", "all" or "some" may be determiners.
PRONOUNS = (
    "i me my mine myself you your yours yourself yourselves he him his himself she her hers herself it its itself we "
    "us our ours ourselves they them their theirs themselves who whom whoever whomever oneself anybody anyone "
    "anything everybody everyone everything nobody nothing somebody someone something"
).split()
AFRICA = [
    "Algeria", "Angola", "Benin", "Botswana", "Burkina Faso", "Burundi", "Cabo Verde/Cape Verde", "Cameroon",
    "Central African Republic", "Chad", "Comoros/The Comoros",
    "Democratic Republic of the Congo/Congo, Democratic Republic of the/DR Congo/Congo (Kinshasa)"
    "/Democratic Republic of Congo/Congo (Democratic Republic)/Congo (Democratic Republic of the)/Congo-Kinshasa"
    "/Congo, Democratic Republic/Congo, Dem. Rep./Congo, DR",
    "Republic of the Congo/Congo/Congo, Republic of the/Congo (Brazzaville)/Republic of Congo/Congo (Republic)"
    "/Congo (Republic of the)/Congo-Brazzaville/Congo, Republic/Congo, Rep.",
    "C\u00f4te d'Ivoire/Ivory Coast/Cote d'Ivoire/C\u00f4te d'Ivoire (Ivory Coast)/Ivory Coast (C\u00f4te d'Ivoire)",
    "Djibouti", "Egypt",
    "Equatorial Guinea", "Eritrea", "Eswatini/Swaziland/Eswatini (Swaziland)/Eswatini (formerly Swaziland)",
    "Ethiopia", "Gabon", "Gambia/The Gambia/Gambia, The", "Ghana", "Guinea", "Guinea-Bissau", "Kenya", "Lesotho",
    "Liberia", "Libya", "Madagascar", "Malawi", "Mali", "Mauritania", "Mauritius", "Morocco", "Mozambique", "Namibia",
    "Niger", "Nigeria", "Rwanda",
    "S\u00e3o Tom\u00e9 and Pr\u00edncipe/Sao Tome and Principe/S\u00e3o Tom\u00e9 & Pr\u00edncipe/Sao Tome & Principe",
    "Senegal", "Seychelles", "Sierra Leone", "Somalia", "South Africa", "South Sudan", "Sudan", "Tanzania", "Togo",
    "Tunisia", "Uganda", "Zambia", "Zimbabwe",
]  # fmt: skip
# From the highest latitude down: 64.1, 60.2, 59.9, 59.4, 59.3, 56.9, 55.8, 55.7, 54.7, 53.9, 53.3, 52.5, 52.4, 52.2,
# 51.5, 50.8, 50.5, 50.1, 49.6, 48.9, 48.2, 48.1, 47.5, 47.1, 47.0, 46.9, 46.1, 45.8 degrees north.
NORTHERN_CAPITALS = [
    "Reykjavik/Reykjav\u00edk", "Helsinki", "Oslo", "Tallinn", "Stockholm", "Riga", "Moscow", "Copenhagen", "Vilnius",
    "Minsk", "Dublin", "Berlin", "Amsterdam", "Warsaw", "London", "Brussels", "Kyiv/Kiev", "Prague",
    "Luxembourg/Luxembourg City", "Paris", "Vienna", "Bratislava", "Budapest", "Vaduz", "Chisinau/Chi\u0219in\u0103u",
    "Bern/Berne", "Ljubljana", "Zagreb",
]  # fmt: skip
