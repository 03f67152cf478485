-- The last step of docs/scaling.md: PostgreSQL spread over servers by Citus, each
-- interview whole on one of them. Made by `manage.py citus`; tests keep it true to the
-- tables. Not run against a Citus by the project: rehearse it on a copy.

-- 1. Keys and references hold the session. An outage, or a long migration.
ALTER TABLE answer_correction DROP CONSTRAINT "answer_correction_progress_id_515ff6bb_fk_interview_progress_id";
ALTER TABLE answer_revision DROP CONSTRAINT "answer_revision_progress_id_427b8a2a_fk_interview_progress_id";
ALTER TABLE answer_take_chunk DROP CONSTRAINT "answer_take_chunk_take_id_c324f477_fk_answer_take_id";
ALTER TABLE data_copy DROP CONSTRAINT "data_copy_session_id_cb119580_fk_interview_session_id";
ALTER TABLE legal_hold DROP CONSTRAINT "legal_hold_session_id_adcdcc27_fk_interview_session_id";
ALTER TABLE question_rating DROP CONSTRAINT "question_rating_review_id_ede7cb87_fk_review_id";
ALTER TABLE share_feedback DROP CONSTRAINT "share_feedback_session_id_d4c219f6_fk_interview_session_id";
ALTER TABLE share_view DROP CONSTRAINT "share_view_session_id_a329f71c_fk_interview_session_id";
ALTER TABLE shared_session DROP CONSTRAINT "shared_session_session_id_39b74390_fk_interview_session_id";
ALTER TABLE standing DROP CONSTRAINT "standing_decision_id_d67cf396_fk_decision_id";
ALTER TABLE voice_call DROP CONSTRAINT "voice_call_conversation_id_ac23ac83_fk_conversation_id";
ALTER TABLE voice_turn DROP CONSTRAINT "voice_turn_call_id_5c8bd30a_fk_voice_call_conversation_id";
ALTER TABLE answer_revision ADD COLUMN session_id uuid;
UPDATE answer_revision SET session_id = owner.session_id FROM interview_progress owner WHERE owner.id = answer_revision.progress_id;
ALTER TABLE answer_revision ALTER COLUMN session_id SET NOT NULL;
ALTER TABLE answer_correction ADD COLUMN session_id uuid;
UPDATE answer_correction SET session_id = owner.session_id FROM interview_progress owner WHERE owner.id = answer_correction.progress_id;
ALTER TABLE answer_correction ALTER COLUMN session_id SET NOT NULL;
ALTER TABLE answer_take_chunk ADD COLUMN session_id uuid;
UPDATE answer_take_chunk SET session_id = owner.session_id FROM answer_take owner WHERE owner.id = answer_take_chunk.take_id;
ALTER TABLE answer_take_chunk ALTER COLUMN session_id SET NOT NULL;
ALTER TABLE voice_call ADD COLUMN session_id uuid;
UPDATE voice_call SET session_id = owner.session_id FROM conversation owner WHERE owner.id = voice_call.conversation_id;
ALTER TABLE voice_call ALTER COLUMN session_id SET NOT NULL;
ALTER TABLE voice_turn ADD COLUMN session_id uuid;
UPDATE voice_turn SET session_id = owner.session_id FROM voice_call owner WHERE owner.conversation_id = voice_turn.call_id;
ALTER TABLE voice_turn ALTER COLUMN session_id SET NOT NULL;
ALTER TABLE question_rating ADD COLUMN session_id uuid;
UPDATE question_rating SET session_id = owner.session_id FROM review owner WHERE owner.id = question_rating.review_id;
ALTER TABLE question_rating ALTER COLUMN session_id SET NOT NULL;
ALTER TABLE answer_correction DROP CONSTRAINT "answer_correction_pkey", ADD PRIMARY KEY ("session_id", "id");
ALTER TABLE answer_revision DROP CONSTRAINT "answer_revision_pkey", ADD PRIMARY KEY ("session_id", "id");
ALTER TABLE answer_take DROP CONSTRAINT "answer_take_pkey", ADD PRIMARY KEY ("session_id", "id");
ALTER TABLE answer_take_chunk DROP CONSTRAINT "answer_take_chunk_pkey", ADD PRIMARY KEY ("session_id", "id");
ALTER TABLE answer_take_chunk DROP CONSTRAINT "take_chunk_unique", ADD CONSTRAINT take_chunk_unique UNIQUE ("session_id", "take_id", "part", "position");
ALTER TABLE candidate_message DROP CONSTRAINT "candidate_message_pkey", ADD PRIMARY KEY ("session_id", "id");
ALTER TABLE candidate_request DROP CONSTRAINT "candidate_request_pkey", ADD PRIMARY KEY ("session_id", "id");
ALTER TABLE conversation DROP CONSTRAINT "conversation_pkey", ADD PRIMARY KEY ("session_id", "id");
ALTER TABLE decision DROP CONSTRAINT "decision_pkey", ADD PRIMARY KEY ("session_id", "id");
ALTER TABLE interview_progress DROP CONSTRAINT "interview_progress_pkey", ADD PRIMARY KEY ("session_id", "id");
DROP INDEX "session_one_open_per_candidate_and_vacancy"; -- the invitation locks the candidate's row, and looks for an open session
ALTER TABLE interview_session_consents DROP CONSTRAINT "interview_session_consents_pkey", ADD PRIMARY KEY ("interviewsession_id", "id");
ALTER TABLE moment DROP CONSTRAINT "moment_pkey", ADD PRIMARY KEY ("session_id", "id");
ALTER TABLE question_rating DROP CONSTRAINT "question_rating_pkey", ADD PRIMARY KEY ("session_id", "id");
ALTER TABLE question_rating DROP CONSTRAINT "rating_one_per_question", ADD CONSTRAINT rating_one_per_question UNIQUE ("session_id", "review_id", "question_id");
ALTER TABLE review DROP CONSTRAINT "review_pkey", ADD PRIMARY KEY ("session_id", "id");
ALTER TABLE session_event DROP CONSTRAINT "session_event_pkey", ADD PRIMARY KEY ("session_id", "id");
ALTER TABLE stage_change DROP CONSTRAINT "stage_change_pkey", ADD PRIMARY KEY ("session_id", "id");
ALTER TABLE voice_call DROP CONSTRAINT "voice_call_pkey", ADD PRIMARY KEY ("session_id", "conversation_id");
ALTER TABLE voice_event DROP CONSTRAINT "voice_event_pkey", ADD PRIMARY KEY ("sha256", "id");
ALTER TABLE voice_turn DROP CONSTRAINT "voice_turn_pkey", ADD PRIMARY KEY ("session_id", "id");
ALTER TABLE voice_turn DROP CONSTRAINT "voice_turn_unique_position", ADD CONSTRAINT voice_turn_unique_position UNIQUE ("session_id", "call_id", "position");
ALTER TABLE answer_correction ADD CONSTRAINT "answer_correction_progress_id_515ff6bb_fk_interview_progress_id" FOREIGN KEY (session_id, progress_id) REFERENCES interview_progress (session_id, id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE answer_revision ADD CONSTRAINT "answer_revision_progress_id_427b8a2a_fk_interview_progress_id" FOREIGN KEY (session_id, progress_id) REFERENCES interview_progress (session_id, id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE answer_take_chunk ADD CONSTRAINT "answer_take_chunk_take_id_c324f477_fk_answer_take_id" FOREIGN KEY (session_id, take_id) REFERENCES answer_take (session_id, id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE question_rating ADD CONSTRAINT "question_rating_review_id_ede7cb87_fk_review_id" FOREIGN KEY (session_id, review_id) REFERENCES review (session_id, id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE standing ADD CONSTRAINT "standing_decision_id_d67cf396_fk_decision_id" FOREIGN KEY (session_id, decision_id) REFERENCES decision (session_id, id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE voice_call ADD CONSTRAINT "voice_call_conversation_id_ac23ac83_fk_conversation_id" FOREIGN KEY (session_id, conversation_id) REFERENCES conversation (session_id, id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE voice_turn ADD CONSTRAINT "voice_turn_call_id_5c8bd30a_fk_voice_call_conversation_id" FOREIGN KEY (session_id, call_id) REFERENCES voice_call (session_id, conversation_id) DEFERRABLE INITIALLY DEFERRED;

-- 2. The tables are spread. All others stay on the coordinator:
-- account_emailaddress, account_emailconfirmation, audit_event, audit_seal, auth_group, auth_group_permissions, auth_permission, axes_accessattempt, axes_accessattemptexpiration, axes_accessfailurelog, axes_accesslog, common_cache, data_copy, django_admin_log, django_content_type, django_migrations, django_session, erasure, erasure_step, export, failed_attempts, form_submission, invitation_batch, legal_hold, mfa_authenticator, procrastinate_events, procrastinate_jobs, procrastinate_periodic_defers, procrastinate_workers, saved_filter, share, share_feedback, share_view, shared_session, staff_user_groups, staff_user_user_permissions, voice_absence
SELECT create_reference_table('bank_question');
SELECT create_reference_table('bank_question_tags');
SELECT create_reference_table('candidate');
SELECT create_reference_table('company');
SELECT create_reference_table('consent');
SELECT create_reference_table('email_template');
SELECT create_reference_table('question');
SELECT create_reference_table('question_tag');
SELECT create_reference_table('script');
SELECT create_reference_table('script_question');
SELECT create_reference_table('staff_user');
SELECT create_reference_table('vacancy');
SELECT create_reference_table('vacancy_member');
SELECT create_distributed_table('interview_session', 'id', colocate_with => 'none');
SELECT create_distributed_table('voice_event', 'sha256', colocate_with => 'none');
SELECT create_distributed_table('interview_session_consents', 'interviewsession_id', colocate_with => 'none');
SELECT create_distributed_table('interview_progress', 'session_id', colocate_with => 'interview_session');
SELECT create_distributed_table('answer_revision', 'session_id', colocate_with => 'interview_session');
SELECT create_distributed_table('answer_correction', 'session_id', colocate_with => 'interview_session');
SELECT create_distributed_table('answer_take', 'session_id', colocate_with => 'interview_session');
SELECT create_distributed_table('answer_take_chunk', 'session_id', colocate_with => 'interview_session');
SELECT create_distributed_table('conversation', 'session_id', colocate_with => 'interview_session');
SELECT create_distributed_table('session_event', 'session_id', colocate_with => 'interview_session');
SELECT create_distributed_table('candidate_message', 'session_id', colocate_with => 'interview_session');
SELECT create_distributed_table('candidate_request', 'session_id', colocate_with => 'interview_session');
SELECT create_distributed_table('voice_call', 'session_id', colocate_with => 'interview_session');
SELECT create_distributed_table('voice_turn', 'session_id', colocate_with => 'interview_session');
SELECT create_distributed_table('voice_place', 'session_id', colocate_with => 'interview_session');
SELECT create_distributed_table('decision', 'session_id', colocate_with => 'interview_session');
SELECT create_distributed_table('standing', 'session_id', colocate_with => 'interview_session');
SELECT create_distributed_table('stage_change', 'session_id', colocate_with => 'interview_session');
SELECT create_distributed_table('review', 'session_id', colocate_with => 'interview_session');
SELECT create_distributed_table('question_rating', 'session_id', colocate_with => 'interview_session');
SELECT create_distributed_table('moment', 'session_id', colocate_with => 'interview_session');

-- 3. By hand, with citus.enable_unsafe_triggers:
-- trigger decision_stays on decision
