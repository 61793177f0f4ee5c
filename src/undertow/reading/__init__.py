"""Standing and answers → plain words with their certainty; how they are drawn is left to the edges."""
