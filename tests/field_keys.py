"""Keys for tests of encrypted fields."""

from base64 import b64encode

KEYS = [b64encode(bytes([number]) * 32).decode() for number in range(1, 4)]
INDEX_KEY = b64encode(b"i" * 32).decode()
NEW_INDEX_KEY = b64encode(b"j" * 32).decode()

# Tests that are run with and without keys.
IN_BOTH_MODES = {
    "tests.candidates.test_admin": {
        "test_list_has_constant_queries",
        "test_form_has_constant_queries",
        "test_search_finds_by_name_and_address",
        "test_the_same_address_in_other_case_is_refused",
        "test_a_candidate_never_invited_is_deleted",
    },
    "tests.interviews.api.test_answer": {
        "test_answer_repeated_with_the_same_text_changes_nothing",
        "test_empty_answer_skips_an_optional_question",
        "test_answer_costs_one_statement",
    },
    "tests.interviews.test_batches": {
        "test_every_row_has_its_fate",
        "test_the_preview_has_constant_queries",
        "test_those_chosen_are_invited_and_written_to",
        "test_two_lists_with_the_same_people_do_not_wait_for_each_other",
        "test_lists_are_forgotten_after_a_day",
    },
    "tests.interviews.test_invitations": {
        "test_a_known_address_is_the_candidate_on_file",
        "test_candidates_are_found_as_one_types",
    },
    "tests.interviews.test_mail": {
        "test_a_bounce_is_seen_with_its_reason",
        "test_a_letter_that_never_left_is_given_up",
        "test_sent_letters_are_on_the_timeline_and_on_file",
    },
    "tests.voice.test_processing": {
        "test_the_same_turns_are_not_written_again",
    },
    "tests.reviews.test_rating": {
        "test_mark_and_text_can_be_taken_back",
    },
}
