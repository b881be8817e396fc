"""A lexicon of cue words and phrases, by stance.

It is the baseline ``baseline:lexicon`` (the nearest cue decides), and it turns PolNeAR's annotated cues into silver labels.
A phrase matches whole words, in any inflection that is written out below; ``*`` stands for the rest of a word.
"""

from __future__ import annotations

import re

UNKNOWN = """
declin*, refus* to comment,
refus* to say, refus* to answer, would not comment, would not say, would not confirm, wouldn't say, wouldn't comment, did not comment,
did not respond, didn't respond, did not immediately respond, did not return, didn't return, did not reply, not respond*, not immediately,
has yet to, have yet to, had yet to, has not commented, have not commented, has not said, have not said, has not confirmed,
have not confirmed, had not confirmed, not confirm*, not comment*, neither confirm*, no comment, could not be reached,
couldn't be reached, not available for comment, unavailable for comment, stopped short of, unclear, did not say, didn't say,
ask*, wonder*, question* whether, urg*, call* for, call* on, demand*, hope*, wants, wanted, want to, seeks, seeking, sought, waiting for, silent on, plead*, request*,
could not verify, not verified, not know, don't know, doesn't know, consider*, suggest* that he might, propos*, recommend*, advis*
"""
WARNING = """
warn*, caution*, threat*, fear*, alarm*, worr*, concern*, afraid, dire, menac*, danger*, raised the alarm, sounded the alarm, dread*,
predict* disaster, catastroph*, anxious, uneasy, jitter*, brac* for, peril*, vow* to retaliate, at risk, would risk, risks, ominous*
"""
DENYING = """
den*y, denied, denies, denying, denial*, dismiss*, reject*, refut*, disput*, rul* out, oppos*, rebuff*, rebut*, disagree*, contradict*,
refus* to, decri*, disavow*, repudiat*, baseless, fabricat*, false, falsehood*, untrue, unfounded, hoax, veto*, blocked, blocks, blocking, boycott*, objected, objects to, objection*,
protested, protesting, protest against, protests against, challenged, challenges, challenging, slam* the, blast* the, scoff*, brush* off, brush* aside, shrug* off, pushed back, push* back, deni*, no truth,
not true, never said, nonsense, ridicul*, resisted, resists, resisting, withdr*, walk* out, turned down, voted against, contested, contests, debunk*, balk*, rail* against
"""
CONFIRMING = """
said, say, says, saying, told, tell*, confirm*, reveal*, reported, reports, reporting, estimat*, acknowledg*, admit*, announc*, claim*, accus*, agree*,
endors*, promis*, stated, stating, statement, declar*, added, adds, adding, argu*, noted, notes, noting, explain*, insist*, assert*, maintain*, believ*,
think*, thought, according to, wrote, writes, writing, tweet*, posted, testif*, conclud*, found, showed, shows, shown, indicat*, describ*, suggest*, conced*, pledg*,
vow*, allege*, alleg*, blam*, critici*, prais*, attack*, predict*, expect*, boast*, recall*, continu*, remark*, point* out,
stress*, emphasi*, quipped, joked, jokes, referr*, cite, cites, cited, citing, called, calls, calling, charged, charges, contend*, complain*, condemn*, denounc*, echo*, repeat*, support*,
backed, backs, backing, defended, defends, defending, signed, signs, signing, approv*, accept*, welcom*, hail*, applaud*, convinced, certain, confident, sure, know*, knew, repl*, respond*,
answer*, observ*, mentioned, mentions, discussed, discusses, disclos*, express*, offered, offers, speak*, spoke,  sayin
"""


def _compile(words: str) -> re.Pattern[str]:
    phrases = sorted({" ".join(p.split()) for p in words.split(",") if p.strip()}, key=len, reverse=True)
    return re.compile(r"(?<!\w)(?:" + "|".join(re.escape(p).replace(r"\*", r"\w*") for p in phrases) + r")(?!\w)", re.IGNORECASE)


PATTERNS = {
    "unknown": _compile(UNKNOWN),
    "denying": _compile(DENYING),
    "warning": _compile(WARNING),
    "confirming": _compile(CONFIRMING),
}


def find_cues(text: str) -> list[tuple[int, int, str]]:
    """Every cue of ``text`` as (start, end, stance). Where cues overlap, the longer one stays, then the order above decides."""
    found = [(m.start(), m.end(), stance) for stance, pattern in PATTERNS.items() for m in pattern.finditer(text)]
    rank = {stance: i for i, stance in enumerate(PATTERNS)}
    kept: list[tuple[int, int, str]] = []
    for start, end, stance in sorted(found, key=lambda c: (c[0] - c[1], rank[c[2]])):
        if not any(a < end and start < b for a, b, _ in kept):
            kept.append((start, end, stance))
    return sorted(kept)


def stance_of_cue(text: str) -> str | None:
    """The stance that an annotated cue gives its source; None where the lexicon does not know it."""
    cues = {stance for _, _, stance in find_cues(text)}
    return next((stance for stance in PATTERNS if stance in cues), None)


# A cue farther from the mention than this, in characters, is taken to be another's. Chosen on the training labels.
REACH = 20


def nearest_cue(text: str, start: int, end: int, reach: int = REACH) -> tuple[int, int, str] | None:
    """The cue nearest to the mention ``[start, end)``, the one after it first; None if none is within ``reach`` characters."""
    cues = [(max(c[0] - end, 2 + start - c[1], 0), c[0] < start, c) for c in find_cues(text)]
    return min((c for c in cues if c[0] <= reach), default=(0, False, None))[2]
