"""Reviews: who reviews what and why, requests and links, reviews, and the decision.

A *request* asks one person to review one practice in one *round* (the practice's submission): pending, invited (its letter
went out), accepted, submitted; or declined, expired, cancelled, replaced. A *link* is the capability that its letters carry,
a *review session* the right to read and write the review, opened by accepting. A *decision* is stored at quorum and
published by the *release*, which copies the reviews to rows of their own.

Whoever changes requests, reviews or decisions holds the practice's lock (`queries.lock_standing`); the order of locks is
call, practice, person, request.

Emits ``review.*``, ``assignment.made``, ``practice.decision_made`` and ``practice.decision_needed``; none is ever shown to
an author. What an author may know is said by `practices.service.release`.
"""
