-- name: InsertUser :one
INSERT INTO users (region, login, name, position, email, restricted, password_hash, must_change, created_at, updated_at)
VALUES (@region, @login, @name, @job, @email, @restricted, @password_hash, @must_change, @at::timestamptz, @at::timestamptz)
RETURNING id;

-- name: UpdateUser :execrows
UPDATE users SET name = @name, position = @job, email = @email, restricted = @restricted, updated_at = @at::timestamptz
 WHERE id = @id AND region = @region;

-- name: SetUserActive :one
UPDATE users SET active = @active, session_epoch = session_epoch + CASE WHEN @active::boolean THEN 0 ELSE 1 END, updated_at = @at::timestamptz
 WHERE id = @id AND region = @region
RETURNING login;

-- name: SetPassword :one
UPDATE users SET password_hash = @password_hash, must_change = @must_change, session_epoch = session_epoch + 1, updated_at = @at::timestamptz
 WHERE id = @id AND region = @region
RETURNING login, session_epoch;

-- name: EndSessions :one
UPDATE users SET session_epoch = session_epoch + 1 WHERE id = @id AND region = @region RETURNING login;

-- RehashPassword keeps the password and only the cost of its hash changes.
-- name: RehashPassword :exec
UPDATE users SET password_hash = @password_hash WHERE id = @id AND password_hash = @old;

-- name: DeleteSessionsOf :exec
DELETE FROM sessions WHERE user_id = @user_id::bigint;

-- name: DeleteOffices :exec
DELETE FROM user_offices WHERE user_id = @user_id;

-- name: InsertOffice :exec
INSERT INTO user_offices (user_id, role, agency_id) VALUES (@user_id, @role, @agency_id);

-- LockRegionPeople keeps two administrators from ending each other at once.
-- name: LockRegionPeople :exec
SELECT pg_advisory_xact_lock(hashtextextended('otklik:people:' || @region::text, 0));

-- name: CountAdministrators :one
SELECT count(*) FROM users u
 WHERE u.region = @region AND u.active
   AND EXISTS (SELECT FROM user_offices o WHERE o.user_id = u.id AND o.role = 'administrator');

-- PersonByID is a user with offices and, on the local day of now, those of the people they
-- stand in for: the absent person's last absence of that day names the deputy,
-- and a deputy who is away stands in for nobody (domain.Roster).
-- name: PersonByID :one
SELECT u.id, u.region, u.login, u.name, u.position, u.email, u.restricted, u.active, u.must_change,
       (u.totp_secret IS NOT NULL)::boolean AS second_factor,
       coalesce((SELECT jsonb_agg(jsonb_build_object('role', o.role, 'agency', o.agency_id) ORDER BY o.agency_id, o.role)
                   FROM user_offices o WHERE o.user_id = u.id), '[]')::jsonb AS offices,
       coalesce((SELECT jsonb_agg(jsonb_build_object('login', p.login, 'name', p.name, 'until', a.last_day,
                     'offices', (SELECT coalesce(jsonb_agg(jsonb_build_object('role', o.role, 'agency', o.agency_id) ORDER BY o.agency_id, o.role), '[]')
                                   FROM user_offices o WHERE o.user_id = p.id)) ORDER BY p.login)
                   FROM absences a
                   JOIN users p ON p.id = a.user_id AND p.active AND p.region = u.region
                  WHERE a.deputy_id = u.id AND a.first_day <= t.today AND a.last_day >= t.today
                    AND NOT EXISTS (SELECT FROM absences later WHERE later.user_id = a.user_id AND later.id <> a.id
                                       AND later.first_day <= t.today AND later.last_day >= t.today
                                       AND (later.last_day, later.id) > (a.last_day, a.id))
                    AND NOT EXISTS (SELECT FROM absences own WHERE own.user_id = u.id
                                       AND own.first_day <= t.today AND own.last_day >= t.today)), '[]')::jsonb AS acting
  FROM users u
  JOIN regions r ON r.region = u.region
 CROSS JOIN LATERAL (SELECT otklik_local_day(@now, r.zone) AS today) t
 WHERE u.id = @id;

-- name: ListUsers :many
SELECT u.id, u.region, u.login, u.name, u.position, u.email, u.restricted, u.active, u.must_change,
       (u.totp_secret IS NOT NULL)::boolean AS second_factor, u.last_login_at,
       coalesce((SELECT jsonb_agg(jsonb_build_object('role', o.role, 'agency', o.agency_id) ORDER BY o.agency_id, o.role)
                   FROM user_offices o WHERE o.user_id = u.id), '[]')::jsonb AS offices,
       (SELECT count(*) FROM sessions s
         WHERE s.user_id = u.id AND s.epoch = u.session_epoch AND s.ended_at IS NULL AND s.expires_at > clock_timestamp()) AS sessions
  FROM users u
 WHERE u.region = @region
   AND (@whole::boolean OR EXISTS (SELECT FROM user_offices o WHERE o.user_id = u.id AND o.agency_id = ANY (@agencies::text[])))
 ORDER BY u.active DESC, u.name, u.id;

-- name: CredentialsByLogin :one
SELECT u.id, u.login, u.region, u.active, u.password_hash, u.totp_secret, u.session_epoch,
       (SELECT coalesce(array_agg(o.role), '{}') FROM user_offices o WHERE o.user_id = u.id)::text[] AS roles
  FROM users u WHERE u.login = @login;

-- name: CredentialsByID :one
SELECT u.id, u.login, u.region, u.active, u.password_hash, u.totp_secret, u.session_epoch,
       (SELECT coalesce(array_agg(o.role), '{}') FROM user_offices o WHERE o.user_id = u.id)::text[] AS roles
  FROM users u WHERE u.id = @id;

-- name: CredentialsBySubject :one
SELECT u.id, u.login, u.region, u.active, u.password_hash, u.totp_secret, u.session_epoch,
       (SELECT coalesce(array_agg(o.role), '{}') FROM user_offices o WHERE o.user_id = u.id)::text[] AS roles
  FROM users u WHERE u.oidc_subject = @subject::text;

-- LinkSubject joins an account of the provider to a person by a confirmed
-- e-mail, once: whoever has an account already is not given another.
-- name: LinkSubject :one
UPDATE users SET oidc_subject = @subject::text WHERE lower(email) = lower(@email) AND email <> '' AND active AND oidc_subject IS NULL
RETURNING id, login, region;

-- name: LoggedIn :exec
UPDATE users SET last_login_at = @at::timestamptz WHERE id = @id;

-- name: SetTOTP :one
UPDATE users SET totp_secret = @secret, totp_step = @step, updated_at = @at::timestamptz WHERE id = @id RETURNING login, region;

-- name: ClearTOTP :one
UPDATE users SET totp_secret = NULL, totp_step = 0, session_epoch = session_epoch + 1, updated_at = @at::timestamptz
 WHERE id = @id AND region = @region RETURNING login;

-- name: ReencryptTOTP :exec
UPDATE users SET totp_secret = @secret WHERE id = @id AND totp_secret = @old;

-- UseTOTPStep takes a step of the clock, so that a code works once.
-- name: UseTOTPStep :execrows
UPDATE users SET totp_step = @step WHERE id = @id AND totp_step < @step;

-- name: DeleteRecoveryCodes :exec
DELETE FROM recovery_codes WHERE user_id = @user_id;

-- name: InsertRecoveryCode :exec
INSERT INTO recovery_codes (user_id, hash) VALUES (@user_id, @hash);

-- name: UseRecoveryCode :execrows
UPDATE recovery_codes SET used_at = clock_timestamp() WHERE user_id = @user_id AND hash = @hash AND used_at IS NULL;

-- name: CountRecoveryCodes :one
SELECT count(*) FROM recovery_codes WHERE user_id = @user_id AND used_at IS NULL;

-- name: ActiveUserID :one
SELECT u.id FROM users u WHERE u.login = @login AND u.region = @region AND u.active;

-- name: InsertAbsence :one
INSERT INTO absences (user_id, first_day, last_day, deputy_id, why, entered_by, entered_at)
VALUES (@user_id, @first_day, @last_day, sqlc.narg(deputy_id), @why, @entered_by, @entered_at)
RETURNING id;

-- EndAbsence cuts one short: its last day becomes the day before today, and one
-- that has not begun is gone.
-- name: EndAbsence :one
UPDATE absences a SET last_day = @yesterday
  FROM users u
 WHERE a.id = @id AND u.id = a.user_id AND u.region = @region AND a.last_day > @yesterday AND a.first_day <= @yesterday
RETURNING a.user_id;

-- name: DropAbsence :one
DELETE FROM absences a
 WHERE a.id = @id AND a.first_day >= @today::date AND a.user_id IN (SELECT u.id FROM users u WHERE u.region = @region)
RETURNING a.user_id;

-- name: ListAbsences :many
SELECT a.id, u.region, u.login, u.name, a.first_day, a.last_day, coalesce(d.login, '')::text AS deputy,
       coalesce(d.name, '')::text AS deputy_name, a.why
  FROM absences a JOIN users u ON u.id = a.user_id LEFT JOIN users d ON d.id = a.deputy_id
 WHERE u.region = @region AND a.last_day >= @from_day
   AND (@whole::boolean OR EXISTS (SELECT FROM user_offices o WHERE o.user_id = u.id AND o.agency_id = ANY (@agencies::text[])))
 ORDER BY a.first_day, u.name, a.id;

-- UnseenRestricted counts the restricted cases of the queue, when no analyst is named
-- for them: then nobody sees them there.
-- name: UnseenRestricted :one
SELECT count(*) FROM cases c
 WHERE c.region = @region AND c.restricted AND c.state IN ('found', 'moderation', 'returned')
   AND NOT EXISTS (SELECT FROM users u JOIN user_offices o ON o.user_id = u.id
                    WHERE u.region = @region AND u.active AND u.restricted AND o.role = 'analyst');

-- NamedIn tells whether somebody who works in one of the bodies is named for
-- restricted cases.
-- name: NamedIn :one
SELECT EXISTS (SELECT FROM users u JOIN user_offices o ON o.user_id = u.id
                WHERE u.region = @region AND u.active AND u.restricted AND o.agency_id = ANY (@bodies::text[])
                  AND o.role IN ('coordinator', 'executor', 'head'))::boolean AS named;
