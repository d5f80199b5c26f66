#!/usr/bin/python3
"""The checker of histories finds what is wrong, and nothing in what is right."""

import unittest

from harness.history import History, Hold, Read, Write
from support.case import main


def history(*done, begun=None):
    """Times in these tests are small numbers."""
    made = History()
    for one in done:
        made.add(one)
        if isinstance(one, Write):
            made.begin(one.writer, max(one.number, made.begun.get(one.writer, -1)))
    made.begun.update(begun or {})
    return made


W0, W1, V0 = Write(1, 0, 1, 2), Write(1, 1, 3, 4), Write(2, 0, 5, 6)
WHOLE = {(1, 0): 10, (1, 1): 11, (2, 0): 12}


class Checker(unittest.TestCase):

    def finds(self, pattern, made, **final):
        found = made.violations({int(name[1:]): present for name, present in final.items()})
        self.assertEqual(len(found), 1, found)
        self.assertRegex(found[0], pattern)

    def test_nothing_wrong(self):
        made = history(W0, W1, V0, Read(1, 1, 0, 2.5, 2.6), Read(1, 1, 1, 4.5, 4.6),
                       Hold(1, 1, 2), Hold(2, 2, 3), Hold(2, 3.5, 4), begun={2: 1})
        self.assertEqual(made.violations({1: WHOLE, 2: WHOLE}), [])
        unanswered = {**WHOLE, (2, 1): 13}
        self.assertEqual(made.violations({1: unanswered, 2: unanswered}), [])

    def test_concurrent_writes_in_any_order(self):
        made = history(Write(1, 0, 1, 5), Write(2, 0, 2, 4))
        for first, second in ((10, 11), (11, 10)):
            self.assertEqual(made.violations({1: {(1, 0): first, (2, 0): second}}), [])

    def test_lost(self):
        self.finds("member 1: write 1 of writer 1 was acknowledged", history(W0, W1, V0),
                   m1={(1, 0): 10, (2, 0): 12})

    def test_invented(self):
        self.finds("write 7 of writer 1 is there", history(W0, W1, V0), m1={**WHOLE, (1, 7): 13})

    def test_members_differ(self):
        self.finds("different", history(W0, begun={1: 1}), m1={(1, 0): 10},
                   m2={(1, 0): 10, (1, 1): 11})

    def test_order_of_one_writer(self):
        self.finds("acknowledged before it began", history(W0, W1),
                   m1={(1, 0): 11, (1, 1): 10})

    def test_order_of_two_writers(self):
        self.finds("acknowledged before it began", history(W0, W1, V0),
                   m1={(1, 0): 10, (1, 1): 12, (2, 0): 11})

    def test_stale_after_sync(self):
        self.finds("shows 0, and 1 was acknowledged before; the next one 500.0 ms before",
                   history(W0, W1, V0, Read(1, 1, 0, 4.5, 4.6)), m1=WHOLE)
        self.finds("shows -1, and 0", history(W0, W1, V0, Read(1, 2, -1, 6.5, 6.6)), m1=WHOLE)

    def test_read_of_what_nobody_wrote(self):
        self.finds("nobody wrote", history(W0, W1, V0, Read(1, 1, 2, 4.5, 4.6)), m1=WHOLE)

    def test_unseen(self):
        self.finds("has seen 1", history(W0, W1, V0, Read(1, 1, 1, 3.1, 3.2),
                                         Read(1, 1, 0, 3.3, 3.4)), m1=WHOLE)

    def test_two_holders(self):
        self.finds("at the same time", history(Hold(1, 1, 3), Hold(2, 2, 4)))
        self.finds("at the same time", history(Hold(1, 1, 9), Hold(1, 2, 3), Hold(2, 4, 5)))


if __name__ == "__main__":
    main()
