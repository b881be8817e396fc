"""Behavioural tests of a model, after Ribeiro et al. 2020 (CheckList): what it can do, one ability at a time.

    stance evaluate my-model --behaviour -o scores/     # the shipped tests, in the report and in metrics.json
    stance evaluate my-model --tests mine.yaml          # with tests of your own

The tests are YAML, the shipped ones in ``training/behaviour/``. A file of your own may look like this:

    lists:
      village: [Aldern, Brook, Carrow]                  # entries of any number
      mayor:                                            # or entries with fields; gender gives the fields he, him and his
        - {name: Ada Holm, last: Holm, gender: woman}
        - {name: Jan Holm, last: Holm, gender: man}

    tests:
      - name: mayors deny
        capability: denial            # the table's heading: any word
        kind: mft                     # minimum functionality: each actor has the label that is written in it
        decisions: [5]                # of the codebook, if you like
        sentences: 20                 # how many are made, in turn of the templates; 30 unless given
        templates:
          - "[{mayor}: denying] rejected a plan to flood {village}, and [{mayor2}: unknown] has yet to comment."
          - "[{mayor}: denying, neutral] denied that [{mayor.he} = {mayor}: denying] had sold {village}."

      - name: mayors of any gender
        capability: fairness
        kind: inv                     # invariance: no label, stance or sentiment, may change; so none is written
        changes:
          - swap all: mayor.gender    # every other value of that field, all else as alike as can be; measured as bias
          - swap: village             # one other entry
          - end: ", officials said earlier this week"
          - start: "On Tuesday, "
          - replace: {did not: didn't}
          - upper case                # or typographic quotes, straight quotes, trailing white space
        templates:
          - "[{mayor}] did not sell {village}."

      - name: confirmed or not
        capability: negation
        kind: dir                     # directional: the change moves the label from one -> to another; both have to be so
        changes: [replace: {confirmed: has not confirmed}]
        templates:
          - "[{mayor}: confirming -> unknown] confirmed that {village} was sold."

``{mayor}`` and ``{mayor2}`` are two entries of the list *mayor*, ``{mayor.last}`` is a field of one. Brackets mark an actor,
``[words: label]`` or ``[words = name of the actor: label]``, with a stance, a sentiment or both. Put quotes around each template.
Begin it in lower case, where it has no name: a sentence gets its capital. The shipped lists (``lists.yaml``) may be used; a list
of the same name replaces one, in the shipped tests too.

A Python file holds the same: ``tests`` and, if it needs them, ``lists``, as values or as functions that give them. It is run only
if it is named itself. A model with labels of its own needs tests of its own, in a file that has them too:

    labels: {stance: [for, against, none]}

A case is one marked actor of one made sentence. Cases of one template are alike, so an interval tells how sure the rate is for
sentences of these templates, not for news.
"""

from stance.training.behaviour.report import report
from stance.training.behaviour.suite import Bias, Exchange, Failure, TestResult, answerable, bias, run, wilson_interval
from stance.training.behaviour.templates import KINDS, SHIPPED, BehaviourTest, load

__all__ = [
    "KINDS",
    "SHIPPED",
    "BehaviourTest",
    "Bias",
    "Exchange",
    "Failure",
    "TestResult",
    "answerable",
    "bias",
    "load",
    "report",
    "run",
    "wilson_interval",
]
