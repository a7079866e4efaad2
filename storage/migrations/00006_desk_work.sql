-- +goose Up

-- What people do with cases at the desk.

-- A story links cases about one event across rows and bodies.
CREATE TABLE stories (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    region    text NOT NULL REFERENCES regions,
    title     text NOT NULL CHECK (title <> ''),
    opened_by text NOT NULL CHECK (opened_by <> ''), -- login
    opened_at timestamptz NOT NULL,
    closed_at timestamptz
);
CREATE INDEX stories_open ON stories (region, opened_at DESC) WHERE closed_at IS NULL;

ALTER TABLE cases
    -- Raised by every change of what was decided (not by posts that join, nor by
    -- the overdue mark): who decides names the version seen.
    ADD COLUMN version           bigint NOT NULL DEFAULT 1 CHECK (version > 0),
    ADD COLUMN reach             bigint NOT NULL DEFAULT 0 CHECK (reach >= 0), -- views of its posts
    -- The queue sorts by the magnitude: a few more views must not touch indexes.
    ADD COLUMN reach_rank        smallint NOT NULL DEFAULT 0, -- ln(reach), kept by the trigger
    ADD COLUMN confidence        real NOT NULL DEFAULT 0 CHECK (confidence BETWEEN 0 AND 1), -- of the verdict that opened it
    ADD COLUMN source_id         bigint NOT NULL DEFAULT 0, -- of the post that opened it
    ADD COLUMN kind_of_case      text NOT NULL DEFAULT '' CHECK (kind_of_case IN ('', 'solvable', 'informational')),
    ADD COLUMN outcome           text NOT NULL DEFAULT '' CHECK (outcome IN ('', 'solved', 'explained')),
    ADD COLUMN closing_reason    text NOT NULL DEFAULT '' CHECK (closing_reason IN
        ('', 'author_satisfied', 'author_silent', 'dialogue_pointless', -- done
         'not_a_problem', 'advert', 'spam', 'other_region', 'no_details', 'answered_before', 'undone')), -- rejected
    ADD COLUMN executor_id       bigint, -- users.id inside the body
    ADD COLUMN put_aside_until   timestamptz, -- business time; hidden from the queue until then
    ADD COLUMN first_reaction_at timestamptz, -- first words of the body to the author
    ADD COLUMN answered_at       timestamptz, -- final answer delivered (R4)
    ADD COLUMN closed_at         timestamptz,
    ADD COLUMN assigned_at       timestamptz, -- last assignment
    ADD COLUMN sent_back         integer NOT NULL DEFAULT 0 CHECK (sent_back >= 0), -- times
    ADD COLUMN pos_number        text NOT NULL DEFAULT '',
    ADD COLUMN sed_number        text NOT NULL DEFAULT '',
    ADD COLUMN story_id          bigint REFERENCES stories,
    ADD COLUMN joined_to         bigint REFERENCES cases, -- the case that has its posts now
    ADD COLUMN for_controller    text NOT NULL DEFAULT '', -- why the controller must decide, R6
    ADD COLUMN undone            bigint; -- undos.id applied last

UPDATE cases c SET assigned_at = a.since FROM assignments a WHERE a.case_id = c.id AND a.until IS NULL;
UPDATE cases SET closed_at = updated_at WHERE state IN ('done', 'rejected', 'attached');
UPDATE cases SET answered_at = updated_at WHERE state IN ('satisfaction', 'done');
UPDATE cases c SET sent_back = h.n
  FROM (SELECT case_id, count(*) AS n FROM case_history WHERE from_state <> 'returned' AND to_state = 'returned' GROUP BY case_id) h
 WHERE h.case_id = c.id;
UPDATE cases c SET reach = p.views, reach_rank = floor(ln(p.views::double precision + 1)), source_id = p.source_id, confidence = p.confidence
  FROM (SELECT DISTINCT ON (cp.case_id) cp.case_id, p.source_id, sum(greatest(p.views, 0)) OVER (PARTITION BY cp.case_id)::bigint AS views,
               coalesce(v.confidence, 0)::real AS confidence
          FROM case_posts cp
          JOIN posts p ON p.id = cp.post_id AND p.stored_at = cp.stored_at
          LEFT JOIN verdicts v ON v.post_id = cp.post_id AND v.stored_at = cp.stored_at AND v.latest
         ORDER BY cp.case_id, cp.attached_at, cp.post_id) p
 WHERE p.case_id = c.id;

ALTER TABLE cases
    ADD CONSTRAINT cases_closed CHECK ((closed_at IS NOT NULL) = (state IN ('done', 'rejected', 'attached'))),
    ADD CONSTRAINT cases_answered CHECK (answered_at IS NULL OR state IN ('satisfaction', 'done')),
    ADD CONSTRAINT cases_outcome CHECK (outcome = '' OR state IN ('satisfaction', 'done')),
    ADD CONSTRAINT cases_closing CHECK (closing_reason = '' OR state IN ('done', 'rejected')),
    ADD CONSTRAINT cases_joined CHECK ((joined_to IS NOT NULL) = (state = 'attached') AND joined_to IS DISTINCT FROM id),
    ADD CONSTRAINT cases_executor CHECK (executor_id IS NULL OR agency_id <> ''),
    ADD CONSTRAINT cases_aside CHECK (put_aside_until IS NULL OR state IN ('found', 'moderation', 'returned', 'clarifying')),
    ADD CONSTRAINT cases_assigned CHECK ((assigned_at IS NULL) = (agency_id = ''));

-- The queue of analysts: danger first, then time left, then reach. One index for
-- each of its filters, in its order.
DROP INDEX cases_moderation;
CREATE INDEX cases_queue ON cases (region, urgent DESC, due_at, reach_rank DESC, id)
    WHERE state IN ('found', 'moderation', 'returned');
CREATE INDEX cases_queue_place ON cases (region, municipality, urgent DESC, due_at, reach_rank DESC, id)
    WHERE state IN ('found', 'moderation', 'returned');
CREATE INDEX cases_queue_source ON cases (region, source_id, urgent DESC, due_at, reach_rank DESC, id)
    WHERE state IN ('found', 'moderation', 'returned');
CREATE INDEX cases_queue_row ON cases (region, decree_row, topic, urgent DESC, due_at, reach_rank DESC, id)
    WHERE state IN ('found', 'moderation', 'returned');
CREATE INDEX cases_executor ON cases (executor_id, due_at)
    WHERE executor_id IS NOT NULL AND state NOT IN ('satisfaction', 'done', 'rejected', 'attached');
CREATE INDEX cases_unanswered ON cases (region, assigned_at)
    WHERE first_reaction_at IS NULL AND agency_id <> '' AND state NOT IN ('satisfaction', 'done', 'rejected', 'attached');
CREATE INDEX cases_by_state ON cases (region, state, due_at)
    WHERE state NOT IN ('done', 'rejected', 'attached');
CREATE INDEX cases_closed_at ON cases (region, closed_at DESC, id DESC) WHERE closed_at IS NOT NULL;
CREATE INDEX cases_agency_all ON cases (region, agency_id, registered_at DESC) WHERE agency_id <> '';
CREATE INDEX cases_story ON cases (story_id) WHERE story_id IS NOT NULL;
CREATE INDEX cases_joined_to ON cases (joined_to) WHERE joined_to IS NOT NULL;
CREATE INDEX cases_controller ON cases (region, due_at) WHERE for_controller <> '';
CREATE INDEX cases_near ON cases (region, municipality, decree_row, topic, registered_at DESC)
    WHERE state NOT IN ('done', 'rejected', 'attached');
CREATE INDEX cases_pos ON cases (pos_number) WHERE pos_number <> '';
CREATE INDEX cases_sed ON cases (sed_number) WHERE sed_number <> '';

-- From which case a post came when cases were joined, and whether an assignment
-- was taken back within the moment.
ALTER TABLE case_posts ADD COLUMN came_from bigint REFERENCES cases;
ALTER TABLE assignments ADD COLUMN undone boolean NOT NULL DEFAULT false;

-- Rounds that have ended with «не решено» (R10): their result stays.
CREATE TABLE case_rounds (
    case_id         bigint NOT NULL REFERENCES cases,
    round           integer NOT NULL CHECK (round > 0),
    registered_at   timestamptz NOT NULL,
    days            integer NOT NULL,
    due_at          timestamptz,
    control_at      timestamptz,
    deadline_reason text NOT NULL,
    overdue         boolean NOT NULL,
    agency_id       text NOT NULL,
    first_reaction_at timestamptz,
    answered_at     timestamptz,
    outcome         text NOT NULL,
    closing_reason  text NOT NULL,
    ended_at        timestamptz NOT NULL,
    PRIMARY KEY (case_id, round)
);

-- Who is looking at what: two analysts never get the same thing. Lease times are
-- the database's own clock, as those of sources are.
CREATE TABLE desk_leases (
    object    text NOT NULL CHECK (object IN ('case', 'review')),
    object_id bigint NOT NULL,
    region    text NOT NULL,
    who       text NOT NULL CHECK (who <> ''), -- login
    taken_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    until     timestamptz NOT NULL,
    PRIMARY KEY (object, object_id)
);
CREATE INDEX desk_leases_who ON desk_leases (who);
CREATE INDEX desk_leases_until ON desk_leases (until);

CREATE TABLE case_files (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    case_id     bigint NOT NULL REFERENCES cases,
    name        text NOT NULL CHECK (name <> '' AND length(name) <= 200 AND name !~ '[/\\]'),
    type        text NOT NULL CHECK (type <> ''), -- as the sender called it; never trusted
    size        bigint NOT NULL CHECK (size > 0 AND size <= 20 * 1024 * 1024),
    content     bytea NOT NULL,
    sha256      bytea NOT NULL CHECK (octet_length(sha256) = 32),
    uploaded_by text NOT NULL CHECK (uploaded_by <> ''),
    uploaded_at timestamptz NOT NULL,
    CHECK (size = octet_length(content)),
    UNIQUE (case_id, sha256) -- a second click stores nothing
);
ALTER TABLE case_files ALTER COLUMN content SET STORAGE EXTERNAL; -- pictures do not compress

-- What people of the desk tell each other; never visible outside.
CREATE TABLE notes (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    case_id bigint NOT NULL REFERENCES cases,
    text    text NOT NULL CHECK (text <> ''),
    author  text NOT NULL CHECK (author <> ''),
    at      timestamptz NOT NULL
);
CREATE INDEX notes_case ON notes (case_id, id);

-- Texts for the citizen. One of a kind is in work at a time; a round has one
-- final answer.
CREATE TABLE replies (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    case_id       bigint NOT NULL REFERENCES cases,
    round         integer NOT NULL CHECK (round > 0),
    kind          text NOT NULL CHECK (kind IN ('interim', 'final')),
    state         text NOT NULL DEFAULT 'draft' CHECK (state IN
        ('draft', 'approval', 'approved', 'returned', 'published', 'by_hand')),
    text          text NOT NULL,
    outcome       text NOT NULL DEFAULT '' CHECK (outcome IN ('', 'solved', 'explained')), -- of a final one
    version       bigint NOT NULL DEFAULT 1 CHECK (version > 0),
    author        text NOT NULL CHECK (author <> ''),
    approver      text NOT NULL DEFAULT '',
    remark        text NOT NULL DEFAULT '', -- of the approver who returned it
    created_at    timestamptz NOT NULL,
    updated_at    timestamptz NOT NULL,
    submitted_at  timestamptz, -- sent for approval last
    decided_at    timestamptz, -- approved or returned last
    published_at  timestamptz, -- delivered, or said by hand
    published_by  text NOT NULL DEFAULT '', -- who recorded an answer by hand
    proof_url     text NOT NULL DEFAULT '',
    proof_file    bigint REFERENCES case_files,
    CHECK (state = 'draft' OR text <> ''),
    CHECK (outcome = '' OR kind = 'final'),
    CHECK (kind = 'interim' OR outcome <> '' OR state IN ('draft', 'returned')),
    CHECK (submitted_at IS NOT NULL OR state = 'draft'),
    CHECK ((approver <> '' AND decided_at IS NOT NULL) OR state IN ('draft', 'approval')),
    CHECK ((published_at IS NOT NULL) = (state IN ('published', 'by_hand'))),
    CHECK (state <> 'by_hand' OR (published_by <> '' AND (proof_url <> '' OR proof_file IS NOT NULL)))
);
CREATE INDEX replies_case ON replies (case_id, id);
CREATE UNIQUE INDEX replies_one_in_work ON replies (case_id, round, kind) WHERE state IN ('draft', 'approval', 'returned');
CREATE UNIQUE INDEX replies_one_final ON replies (case_id, round) WHERE kind = 'final' AND state IN ('approved', 'published', 'by_hand');
CREATE INDEX replies_approval ON replies (submitted_at) WHERE state = 'approval';
CREATE INDEX replies_to_send ON replies (decided_at) WHERE state = 'approved';

-- What an analyst corrected: learned from later.
CREATE TABLE examples (
    id                bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    region            text NOT NULL,
    post_id           bigint NOT NULL REFERENCES post_ids (post_id),
    case_id           bigint REFERENCES cases,
    from_kind         text NOT NULL,
    from_row          integer NOT NULL,
    from_topic        text NOT NULL,
    from_municipality text NOT NULL,
    from_agency       text NOT NULL,
    to_kind           text NOT NULL,
    to_row            integer NOT NULL,
    to_topic          text NOT NULL,
    to_municipality   text NOT NULL,
    to_agency         text NOT NULL,
    pack_hash         text NOT NULL DEFAULT '',
    who               text NOT NULL CHECK (who <> ''),
    at                timestamptz NOT NULL,
    undo_id           bigint
);
CREATE INDEX examples_region ON examples (region, at);
CREATE INDEX examples_case ON examples (case_id);
CREATE INDEX examples_undo ON examples (undo_id) WHERE undo_id IS NOT NULL;

CREATE TABLE case_links (
    case_id  bigint NOT NULL REFERENCES cases,
    other_id bigint NOT NULL REFERENCES cases,
    by_whom  text NOT NULL CHECK (by_whom <> ''),
    at       timestamptz NOT NULL,
    why      text NOT NULL DEFAULT '',
    PRIMARY KEY (case_id, other_id),
    CHECK (case_id < other_id)
);
CREATE INDEX case_links_other ON case_links (other_id);

-- «Не по компетенции» (R5): the body that sends back, its reason and proposal.
CREATE TABLE send_backs (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    case_id         bigint NOT NULL REFERENCES cases,
    from_agency     text NOT NULL CHECK (from_agency <> ''),
    proposed_agency text NOT NULL DEFAULT '',
    reason          text NOT NULL CHECK (reason <> ''),
    by_whom         text NOT NULL CHECK (by_whom <> ''),
    at              timestamptz NOT NULL,
    decision        text NOT NULL DEFAULT '' CHECK (decision IN ('', 'reassigned', 'kept', 'rejected')),
    to_agency       text NOT NULL DEFAULT '',
    decided_by      text NOT NULL DEFAULT '',
    decided_at      timestamptz,
    CHECK ((decision = '') = (decided_at IS NULL)),
    CHECK ((decision = '') = (decided_by = ''))
);
CREATE UNIQUE INDEX send_backs_open ON send_backs (case_id) WHERE decided_at IS NULL;
CREATE INDEX send_backs_case ON send_backs (case_id, id);

-- «Отложенное решение» (R7): asked by the body, granted or refused by the controller.
CREATE TABLE deferrals (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    case_id     bigint NOT NULL REFERENCES cases,
    round       integer NOT NULL CHECK (round > 0),
    asked_by    text NOT NULL CHECK (asked_by <> ''),
    asked_at    timestamptz NOT NULL,
    reason      text NOT NULL CHECK (reason <> ''),
    until       date NOT NULL, -- last local day
    old_due     timestamptz NOT NULL,
    notified_at timestamptz, -- when the author was told
    decision    text NOT NULL DEFAULT '' CHECK (decision IN ('', 'granted', 'refused')),
    decided_by  text NOT NULL DEFAULT '',
    decided_at  timestamptz,
    why         text NOT NULL DEFAULT '',
    CHECK ((decision = '') = (decided_at IS NULL)),
    CHECK ((decision = '') = (decided_by = '')),
    CHECK (decision <> 'granted' OR notified_at < old_due)
);
CREATE UNIQUE INDEX deferrals_open ON deferrals (case_id) WHERE decided_at IS NULL;
CREATE INDEX deferrals_case ON deferrals (case_id, id);

-- Questions to the author. While one is open the working-time norm rests (R8).
CREATE TABLE questions (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    case_id        bigint NOT NULL REFERENCES cases,
    asked_by       text NOT NULL CHECK (asked_by <> ''),
    asked_at       timestamptz NOT NULL,
    text           text NOT NULL CHECK (text <> ''),
    due_at         timestamptz NOT NULL CHECK (due_at > asked_at),
    result         text NOT NULL DEFAULT '' CHECK (result IN ('', 'answered', 'silent', 'withdrawn')),
    answer         text NOT NULL DEFAULT '',
    answer_post_id bigint REFERENCES post_ids (post_id),
    answered_at    timestamptz, -- when it was closed, whatever the result
    closed_by      text NOT NULL DEFAULT '',
    CHECK ((result = '') = (answered_at IS NULL)),
    CHECK ((result = '') = (closed_by = '')),
    CHECK (result <> 'answered' OR answer <> '' OR answer_post_id IS NOT NULL)
);
CREATE UNIQUE INDEX questions_open ON questions (case_id) WHERE answered_at IS NULL;
CREATE INDEX questions_case ON questions (case_id, id);
CREATE INDEX questions_due ON questions (due_at) WHERE answered_at IS NULL;

-- One change made to many cases at once. What it acts on, with the versions
-- seen, is fixed when it is ordered.
CREATE TABLE bulk_jobs (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    region      text NOT NULL REFERENCES regions,
    what        text NOT NULL CHECK (what <> ''),
    words       text NOT NULL, -- Russian: what is being done
    filter      jsonb NOT NULL,
    change      jsonb NOT NULL,
    scope       jsonb NOT NULL,
    total       integer NOT NULL CHECK (total >= 0),
    done        integer NOT NULL DEFAULT 0 CHECK (done >= 0),
    passed      integer NOT NULL DEFAULT 0 CHECK (passed >= 0), -- changed meanwhile, or refused
    state       text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'running', 'done', 'stopped', 'undone')),
    cancel      boolean NOT NULL DEFAULT false,
    who         text NOT NULL CHECK (who <> ''),
    created_at  timestamptz NOT NULL,
    finished_at timestamptz,
    claimed_until timestamptz, -- the database's own clock
    undo_id     bigint,
    CHECK (done + passed <= total),
    CHECK ((finished_at IS NULL) = (state IN ('waiting', 'running')))
);
CREATE INDEX bulk_jobs_open ON bulk_jobs (created_at) WHERE finished_at IS NULL;
CREATE INDEX bulk_jobs_who ON bulk_jobs (who, id DESC);
CREATE TABLE bulk_items (
    job_id  bigint NOT NULL REFERENCES bulk_jobs ON DELETE CASCADE,
    case_id bigint NOT NULL REFERENCES cases,
    version bigint NOT NULL,
    result  text NOT NULL DEFAULT '' CHECK (result IN ('', 'done', 'stale', 'refused')),
    words   text NOT NULL DEFAULT '',
    PRIMARY KEY (job_id, case_id)
);
CREATE INDEX bulk_items_left ON bulk_items (job_id, case_id) WHERE result = '';

-- What can be taken back, for a moment: the rows as they were. The moment is
-- counted by the database's own clock.
CREATE TABLE undos (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    region   text NOT NULL,
    who      text NOT NULL CHECK (who <> ''),
    words    text NOT NULL, -- Russian: what was done
    until    timestamptz NOT NULL,
    job_id   bigint REFERENCES bulk_jobs,
    notices  text[] NOT NULL DEFAULT '{}', -- keys of notices that wait the moment out
    used_at  timestamptz
);
CREATE INDEX undos_until ON undos (until);
CREATE TABLE undo_rows (
    undo_id bigint NOT NULL REFERENCES undos ON DELETE CASCADE,
    case_id bigint NOT NULL REFERENCES cases,
    version bigint NOT NULL, -- after the change: another one means that somebody went on
    before  jsonb NOT NULL,  -- the row of cases before it
    extra   jsonb NOT NULL DEFAULT '{}', -- posts and keys moved, review item resolved
    PRIMARY KEY (undo_id, case_id)
);
CREATE INDEX undo_rows_case ON undo_rows (case_id, version);

ALTER TABLE review_items
    ADD COLUMN put_aside_until timestamptz, -- business time
    ADD COLUMN opened_case     bigint REFERENCES cases;

ALTER TABLE case_history DROP CONSTRAINT case_history_what_check;
ALTER TABLE case_history ADD CONSTRAINT case_history_what_check CHECK (what IN
    ('opened', 'moved', 'assigned', 'posts', 'overdue', 'changed', 'post_edited', 'post_deleted',
     'undone', 'joined', 'split', 'note', 'file', 'reply', 'question', 'send_back', 'deferral', 'linked', 'unlinked', 'review'));

-- otklik_case_decided are the columns people decide. The version guards exactly
-- these, and an undo brings back exactly these.
-- +goose StatementBegin
CREATE FUNCTION otklik_case_decided(c cases) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT to_jsonb(c) - ARRAY['id', 'number', 'region', 'version', 'posts', 'reach', 'reach_rank', 'confidence', 'source_id',
                               'overdue', 'updated_at', 'changed_by', 'changed_why', 'undone', 'first_reaction_at']
$$;
-- +goose StatementEnd

-- Undoing is the one way against the state table: back to the row as it was,
-- within the moment, by whoever did it, once, and only while nobody went on.
-- +goose StatementBegin
CREATE FUNCTION otklik_may_undo(o cases, n cases) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    b cases;
BEGIN
    SELECT (jsonb_populate_record(NULL::cases, r.before)).* INTO b
      FROM undo_rows r JOIN undos u ON u.id = r.undo_id
     WHERE u.id = n.undone AND r.case_id = o.id AND r.version = o.version
       AND u.used_at IS NULL AND u.until > clock_timestamp();
    RETURN FOUND AND otklik_case_decided(b) = otklik_case_decided(n);
END
$$;
-- +goose StatementEnd

-- otklik_undo_case brings one case back; the guard decides whether it may.
-- +goose StatementBegin
CREATE FUNCTION otklik_undo_case(undo bigint, of_case bigint, by_whom text, words text, at timestamptz) RETURNS void LANGUAGE sql AS $$
    UPDATE cases c
       SET state = b.state, came_from = b.came_from, decree_row = b.decree_row, topic = b.topic, municipality = b.municipality,
           place = b.place, agency_id = b.agency_id, proposed_agency = b.proposed_agency, route_why = b.route_why,
           urgent = b.urgent, restricted = b.restricted, days = b.days, due_at = b.due_at, control_at = b.control_at,
           deadline_reason = b.deadline_reason, round = b.round, reason = b.reason, registered_at = b.registered_at,
           kind_of_case = b.kind_of_case, outcome = b.outcome, closing_reason = b.closing_reason, executor_id = b.executor_id,
           put_aside_until = b.put_aside_until, answered_at = b.answered_at, closed_at = b.closed_at, assigned_at = b.assigned_at,
           sent_back = b.sent_back, pos_number = b.pos_number, sed_number = b.sed_number, story_id = b.story_id,
           joined_to = b.joined_to, for_controller = b.for_controller,
           undone = undo, updated_at = at, changed_by = by_whom, changed_why = words
      FROM undo_rows r CROSS JOIN LATERAL jsonb_populate_record(NULL::cases, r.before) b
     WHERE r.undo_id = undo AND r.case_id = of_case AND c.id = of_case
$$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION otklik_case_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.reach_rank := floor(ln(NEW.reach::double precision + 1));
    IF TG_OP = 'INSERT' THEN
        IF NOT EXISTS (SELECT FROM case_states s WHERE s.state = NEW.state AND s.first) THEN
            RAISE EXCEPTION 'a case cannot begin as %', NEW.state USING ERRCODE = 'OT001';
        END IF;
        NEW.assigned_at := CASE WHEN NEW.agency_id <> '' THEN NEW.updated_at END;
        RETURN NEW;
    END IF;
    IF NEW.undone IS DISTINCT FROM OLD.undone THEN
        IF NOT otklik_may_undo(OLD, NEW) THEN
            RAISE EXCEPTION 'case % cannot be taken back', OLD.id USING ERRCODE = 'OT003';
        END IF;
        DELETE FROM case_rounds WHERE case_id = OLD.id AND round >= NEW.round;
        NEW.version := OLD.version + 1;
        RETURN NEW;
    END IF;
    IF NEW.state <> OLD.state THEN
        IF NOT EXISTS (SELECT FROM case_moves m WHERE m.from_state = OLD.state AND m.to_state = NEW.state) THEN
            RAISE EXCEPTION 'case % cannot move from % to %', OLD.id, OLD.state, NEW.state USING ERRCODE = 'OT001';
        END IF;
        -- A question to the author returns where it came from, or ends the case
        -- when no body had it yet (law.md §2).
        IF OLD.state = 'clarifying' AND NEW.state <> OLD.came_from
           AND NOT (NEW.state = 'rejected' AND OLD.came_from = 'moderation') THEN
            RAISE EXCEPTION 'case % asked its author from %, it cannot move to %', OLD.id, OLD.came_from, NEW.state
                USING ERRCODE = 'OT001';
        END IF;
        NEW := otklik_case_moved(OLD, NEW);
    END IF;
    IF NEW.agency_id <> OLD.agency_id THEN
        NEW.assigned_at := CASE WHEN NEW.agency_id <> '' THEN NEW.updated_at END;
        NEW.executor_id := CASE WHEN NEW.executor_id IS DISTINCT FROM OLD.executor_id THEN NEW.executor_id END;
    END IF;
    NEW.version := OLD.version;
    IF otklik_case_differs(OLD, NEW) THEN
        NEW.version := OLD.version + 1;
    END IF;
    RETURN NEW;
END
$$;
-- +goose StatementEnd

-- otklik_case_moved fills in what follows from a move: times, counters, and the
-- round that ends with «не решено» (R10).
-- +goose StatementBegin
CREATE FUNCTION otklik_case_moved(o cases, n cases) RETURNS cases LANGUAGE plpgsql AS $$
BEGIN
    n.came_from := CASE WHEN n.state = 'clarifying' THEN o.state END;
    n.closed_at := CASE WHEN n.state IN ('done', 'rejected', 'attached') THEN n.updated_at END;
    IF n.state = 'returned' THEN
        n.sent_back := o.sent_back + 1;
    END IF;
    IF n.state NOT IN ('found', 'moderation', 'returned', 'clarifying') THEN
        n.put_aside_until := NULL;
    END IF;
    IF n.state <> 'attached' THEN
        n.joined_to := NULL;
    END IF;
    IF n.state IN ('satisfaction', 'done') AND o.state NOT IN ('satisfaction', 'done') THEN
        n.answered_at := coalesce(n.answered_at, n.updated_at);
        n.first_reaction_at := coalesce(n.first_reaction_at, n.answered_at);
    END IF;
    IF n.state IN ('moderation', 'coordination') THEN
        n.closing_reason := '';
    END IF;
    IF n.state = 'reopened' THEN
        INSERT INTO case_rounds (case_id, round, registered_at, days, due_at, control_at, deadline_reason, overdue, agency_id,
                                 first_reaction_at, answered_at, outcome, closing_reason, ended_at)
        VALUES (o.id, o.round, o.registered_at, o.days, o.due_at, o.control_at, o.deadline_reason, o.overdue, o.agency_id,
                o.first_reaction_at, o.answered_at, o.outcome, o.closing_reason, n.updated_at);
        n.round := o.round + 1;
        n.overdue := false;
        n.outcome := '';
        n.closing_reason := '';
        n.answered_at := NULL;
        n.first_reaction_at := NULL;
    END IF;
    RETURN n;
END
$$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE FUNCTION otklik_case_differs(o cases, n cases) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN (o.state, o.agency_id, o.decree_row, o.topic, o.place, o.proposed_agency, o.urgent, o.restricted, o.days, o.due_at,
            o.control_at, o.deadline_reason, o.round, o.registered_at, o.kind_of_case, o.outcome, o.closing_reason, o.executor_id,
            o.put_aside_until, o.pos_number, o.sed_number, o.story_id, o.joined_to, o.for_controller)
        IS DISTINCT FROM
           (n.state, n.agency_id, n.decree_row, n.topic, n.place, n.proposed_agency, n.urgent, n.restricted, n.days, n.due_at,
            n.control_at, n.deadline_reason, n.round, n.registered_at, n.kind_of_case, n.outcome, n.closing_reason, n.executor_id,
            n.put_aside_until, n.pos_number, n.sed_number, n.story_id, n.joined_to, n.for_controller);
END
$$;
-- +goose StatementEnd

DROP TRIGGER cases_guard ON cases;
CREATE TRIGGER cases_guard BEFORE INSERT OR UPDATE ON cases
    FOR EACH ROW EXECUTE FUNCTION otklik_case_guard();

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION otklik_case_changes(o cases, n cases) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT coalesce(jsonb_object_agg(c.field, jsonb_build_array(c.old, c.new)), '{}')
      FROM (VALUES
        ('state',        to_jsonb((o).state),        to_jsonb((n).state)),
        ('agency',       to_jsonb((o).agency_id),    to_jsonb((n).agency_id)),
        ('proposed',     to_jsonb((o).proposed_agency), to_jsonb((n).proposed_agency)),
        ('executor',     to_jsonb((o).executor_id),  to_jsonb((n).executor_id)),
        ('row',          to_jsonb((o).decree_row),   to_jsonb((n).decree_row)),
        ('topic',        to_jsonb((o).topic),        to_jsonb((n).topic)),
        ('place',        (o).place,                  (n).place),
        ('urgent',       to_jsonb((o).urgent),       to_jsonb((n).urgent)),
        ('restricted',   to_jsonb((o).restricted),   to_jsonb((n).restricted)),
        ('registered',   to_jsonb((o).registered_at), to_jsonb((n).registered_at)),
        ('days',         to_jsonb((o).days),         to_jsonb((n).days)),
        ('due',          to_jsonb((o).due_at),       to_jsonb((n).due_at)),
        ('control',      to_jsonb((o).control_at),   to_jsonb((n).control_at)),
        ('deadline',     to_jsonb((o).deadline_reason), to_jsonb((n).deadline_reason)),
        ('controller',   to_jsonb((o).for_controller), to_jsonb((n).for_controller)),
        ('round',        to_jsonb((o).round),        to_jsonb((n).round)),
        ('posts',        to_jsonb((o).posts),        to_jsonb((n).posts)),
        ('overdue',      to_jsonb((o).overdue),      to_jsonb((n).overdue)),
        ('kind_of_case', to_jsonb((o).kind_of_case), to_jsonb((n).kind_of_case)),
        ('outcome',      to_jsonb((o).outcome),      to_jsonb((n).outcome)),
        ('closing',      to_jsonb((o).closing_reason), to_jsonb((n).closing_reason)),
        ('aside',        to_jsonb((o).put_aside_until), to_jsonb((n).put_aside_until)),
        ('reaction',     to_jsonb((o).first_reaction_at), to_jsonb((n).first_reaction_at)),
        ('answered',     to_jsonb((o).answered_at),  to_jsonb((n).answered_at)),
        ('pos',          to_jsonb((o).pos_number),   to_jsonb((n).pos_number)),
        ('sed',          to_jsonb((o).sed_number),   to_jsonb((n).sed_number)),
        ('story',        to_jsonb((o).story_id),     to_jsonb((n).story_id)),
        ('joined_to',    to_jsonb((o).joined_to),    to_jsonb((n).joined_to))
      ) AS c (field, old, new)
     WHERE c.old IS DISTINCT FROM c.new);
END
$$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION otklik_case_record() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changes jsonb;
    word    text;
BEGIN
    IF TG_OP = 'INSERT' THEN
        changes := jsonb_build_object('agency', NEW.agency_id, 'row', NEW.decree_row, 'due', NEW.due_at);
        word := 'opened';
    ELSE
        changes := otklik_case_changes(OLD, NEW);
        IF changes = '{}' THEN
            RETURN NULL;
        END IF;
        word := CASE WHEN NEW.undone IS DISTINCT FROM OLD.undone THEN 'undone'
                     WHEN changes ? 'joined_to' AND NEW.state = 'attached' THEN 'joined'
                     WHEN changes ? 'state' THEN 'moved' WHEN changes ? 'agency' THEN 'assigned'
                     WHEN changes ? 'posts' AND NEW.version = OLD.version THEN 'posts'
                     WHEN changes ? 'overdue' AND NEW.version = OLD.version THEN 'overdue'
                     ELSE 'changed' END;
        IF OLD.state <> NEW.state THEN
            UPDATE case_keys k SET is_open = s.is_open
              FROM case_states s
             WHERE s.state = NEW.state AND k.case_id = NEW.id AND k.is_open <> s.is_open;
        END IF;
        IF OLD.agency_id <> NEW.agency_id THEN
            UPDATE assignments SET until = NEW.updated_at, undone = (word = 'undone') WHERE case_id = NEW.id AND until IS NULL;
        END IF;
    END IF;
    IF NEW.agency_id <> '' AND (TG_OP = 'INSERT' OR OLD.agency_id <> NEW.agency_id) THEN
        IF word = 'undone' THEN
            UPDATE assignments SET until = NULL
             WHERE id = (SELECT max(a.id) FROM assignments a WHERE a.case_id = NEW.id AND NOT a.undone);
        ELSE
            INSERT INTO assignments (case_id, agency_id, since, by_whom, why)
            VALUES (NEW.id, NEW.agency_id, NEW.updated_at, NEW.changed_by, NEW.changed_why);
        END IF;
    END IF;
    INSERT INTO case_history (case_id, at, who, what, from_state, to_state, why, details)
    VALUES (NEW.id, NEW.updated_at, NEW.changed_by, word,
            CASE WHEN TG_OP = 'UPDATE' THEN OLD.state END, NEW.state, NEW.changed_why, changes);
    INSERT INTO events (at, region, kind, case_id, details)
    VALUES (NEW.updated_at, NEW.region, 'case_' || word, NEW.id, changes);
    RETURN NULL;
END
$$;
-- +goose StatementEnd

-- What is written beside a case is a line of its history too. The arguments of a
-- trigger name the columns: what, who, when.
-- +goose StatementBegin
CREATE FUNCTION otklik_case_beside() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    r jsonb := to_jsonb(NEW) - ARRAY['content', 'sha256', 'text', 'answer'];
BEGIN
    INSERT INTO case_history (case_id, at, who, what, why, details)
    VALUES (NEW.case_id, (r ->> TG_ARGV[2])::timestamptz, r ->> TG_ARGV[1], TG_ARGV[0],
            coalesce(nullif(r ->> 'why', ''), r ->> 'reason', ''), r);
    INSERT INTO events (at, region, kind, case_id, details)
    SELECT (r ->> TG_ARGV[2])::timestamptz, c.region, 'case_' || TG_ARGV[0], c.id, '{}' FROM cases c WHERE c.id = NEW.case_id;
    RETURN NULL;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER notes_record AFTER INSERT ON notes FOR EACH ROW EXECUTE FUNCTION otklik_case_beside('note', 'author', 'at');
CREATE TRIGGER case_files_record AFTER INSERT ON case_files FOR EACH ROW EXECUTE FUNCTION otklik_case_beside('file', 'uploaded_by', 'uploaded_at');
CREATE TRIGGER case_links_record AFTER INSERT ON case_links FOR EACH ROW EXECUTE FUNCTION otklik_case_beside('linked', 'by_whom', 'at');
CREATE TRIGGER questions_asked AFTER INSERT ON questions FOR EACH ROW EXECUTE FUNCTION otklik_case_beside('question', 'asked_by', 'asked_at');
CREATE TRIGGER questions_closed AFTER UPDATE ON questions FOR EACH ROW
    WHEN (OLD.result <> NEW.result) EXECUTE FUNCTION otklik_case_beside('question', 'closed_by', 'answered_at');
CREATE TRIGGER send_backs_record AFTER INSERT ON send_backs FOR EACH ROW EXECUTE FUNCTION otklik_case_beside('send_back', 'by_whom', 'at');
CREATE TRIGGER deferrals_asked AFTER INSERT ON deferrals FOR EACH ROW EXECUTE FUNCTION otklik_case_beside('deferral', 'asked_by', 'asked_at');
CREATE TRIGGER deferrals_decided AFTER UPDATE ON deferrals FOR EACH ROW
    WHEN (OLD.decision <> NEW.decision) EXECUTE FUNCTION otklik_case_beside('deferral', 'decided_by', 'decided_at');

-- The way of a text: written, sent for approval, approved or returned, out. What
-- was approved is what goes out.
-- +goose StatementBegin
CREATE FUNCTION otklik_reply_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state <> OLD.state AND (OLD.state, NEW.state) NOT IN
       (('draft', 'approval'), ('returned', 'approval'), ('approval', 'approved'), ('approval', 'returned'), ('approval', 'draft'),
        ('approved', 'published'), ('approved', 'by_hand'), ('approved', 'returned')) THEN
        RAISE EXCEPTION 'reply % cannot move from % to %', OLD.id, OLD.state, NEW.state USING ERRCODE = 'OT001';
    END IF;
    IF OLD.state IN ('approved', 'published', 'by_hand') AND (NEW.text, NEW.outcome, NEW.kind) <> (OLD.text, OLD.outcome, OLD.kind) THEN
        RAISE EXCEPTION 'reply % is approved, its text stays', OLD.id USING ERRCODE = 'OT002';
    END IF;
    NEW.version := OLD.version + 1;
    RETURN NEW;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER replies_guard BEFORE UPDATE ON replies FOR EACH ROW EXECUTE FUNCTION otklik_reply_guard();

-- +goose StatementBegin
CREATE FUNCTION otklik_reply_record() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    who text := CASE NEW.state WHEN 'approved' THEN NEW.approver WHEN 'returned' THEN NEW.approver
                               WHEN 'published' THEN 'система' WHEN 'by_hand' THEN NEW.published_by ELSE NEW.author END;
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.state = OLD.state THEN
        RETURN NULL; -- typing is no event
    END IF;
    INSERT INTO case_history (case_id, at, who, what, why, details)
    VALUES (NEW.case_id, NEW.updated_at, who, 'reply', CASE WHEN NEW.state = 'returned' THEN NEW.remark ELSE '' END,
            jsonb_build_object('reply', NEW.id, 'kind', NEW.kind, 'state', NEW.state, 'outcome', NEW.outcome));
    INSERT INTO events (at, region, kind, case_id, details)
    SELECT NEW.updated_at, c.region, 'case_reply', c.id, jsonb_build_object('state', NEW.state) FROM cases c WHERE c.id = NEW.case_id;
    RETURN NULL;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER replies_record AFTER INSERT OR UPDATE ON replies FOR EACH ROW EXECUTE FUNCTION otklik_reply_record();

-- Leases are shown live: taken, given back, taken over. Renewing is no event.
-- +goose StatementBegin
CREATE FUNCTION otklik_lease_record() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    l desk_leases := CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.who = OLD.who THEN
        RETURN NULL;
    END IF;
    INSERT INTO events (at, region, kind, case_id, details)
    VALUES (clock_timestamp(), l.region, CASE WHEN TG_OP = 'DELETE' THEN 'lease_released' ELSE 'lease_taken' END,
            CASE WHEN l.object = 'case' THEN l.object_id END,
            jsonb_build_object('object', l.object, 'id', l.object_id, 'who', l.who));
    RETURN NULL;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER desk_leases_record AFTER INSERT OR UPDATE OR DELETE ON desk_leases
    FOR EACH ROW EXECUTE FUNCTION otklik_lease_record();

-- +goose Down
-- +goose StatementBegin
DO $$ BEGIN
    RAISE EXCEPTION 'what people decided would be lost: go back to a back-up; an older version works with this schema';
END $$;
-- +goose StatementEnd
