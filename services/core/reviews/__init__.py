"""Reviews: who reviews what and why, requests and links, reviews, and the decision."""
