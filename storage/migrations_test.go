package storage_test

import (
	"maps"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage"
	"github.com/otklik/otklik/storage/storagetest"
)

// Keys of copies written before migration 33 name no municipality. After it an open
// case takes copies of its own municipality, and none of another; what it joins by
// besides stays, and the way back leads to keys the old program finds.
func TestOldKeysOfCopiesGetTheirMunicipality(t *testing.T) {
	dsn := storagetest.EmptyDSN(t)
	if err := storage.MigrateTo(t.Context(), dsn, 32); err != nil {
		t.Fatal(err)
	}
	conn := connect(t, dsn)
	exec(t, conn, "INSERT INTO regions (region, code, zone) VALUES ($1, '27', 'Asia/Vladivostok')", region)
	for _, c := range []struct {
		state, key string
		open       bool
	}{{"coordination", "copy:aa", true}, {"rejected", "copy:bb", false}} {
		oldCase(t, conn, c.state, c.key, c.open)
	}
	exec(t, conn, "INSERT INTO case_keys (region, key, case_id, is_open) SELECT region, 'thread:1', id, true FROM cases WHERE state = 'coordination'")
	keys := func() map[string]bool {
		t.Helper()
		rows, err := conn.Query(t.Context(), "SELECT key, is_open FROM case_keys ORDER BY key")
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		out := map[string]bool{}
		for rows.Next() {
			var key string
			var open bool
			if err := rows.Scan(&key, &open); err != nil {
				t.Fatal(err)
			}
			out[key] = open
		}
		return out
	}
	old := map[string]bool{"copy:aa": true, "copy:bb": false, "thread:1": true}
	if got := keys(); !maps.Equal(got, old) {
		t.Fatalf("before: %v", got)
	}
	if err := storage.MigrateTo(t.Context(), dsn, 33); err != nil {
		t.Fatal(err)
	}
	if got := keys(); !maps.Equal(got, map[string]bool{"copy:aa/khabarovsk-city": true, "copy:bb": false, "thread:1": true}) {
		t.Errorf("after: %v", got)
	}
	if err := storage.MigrateTo(t.Context(), dsn, 32); err != nil {
		t.Fatal(err)
	}
	if got := keys(); !got["copy:aa"] || len(got) != 3 {
		t.Errorf("the way back: %v", got)
	}
	if err := storage.Migrate(t.Context(), dsn); err != nil {
		t.Fatal(err)
	}
	s := storagetest.Open(t, dsn, storage.Options{})
	for _, v := range storagetest.Regions() {
		if err := s.SavePackVersion(t.Context(), v); err != nil {
			t.Fatal(err)
		}
	}
	b, judged := batchOf(addSource(t, s, owner), "", judgedAs(post(3, "Яма"), 3, "copy:aa/khabarovsk-city"), judgedAs(post(4, "Яма"), 3, "copy:aa/amursk"))
	if res := commit(t, s, b, judged); res.Attached != 1 || res.Opened != 1 {
		t.Errorf("a copy of the same municipality joins, one of another does not: %+v", res)
	}
}

// oldCase is a case with a key as the program of schema 32 left them.
func oldCase(t *testing.T, conn *pgx.Conn, state, key string, open bool) {
	t.Helper()
	exec(t, conn, `WITH c AS (
		INSERT INTO cases (number, region, state, decree_row, topic, municipality, place, agency_id, proposed_agency,
			route_why, urgent, restricted, days, due_at, control_at, deadline_reason, posts, reason, registered_at, updated_at, changed_by, changed_why, assigned_at)
		VALUES ('27-2026-' || $2, $1, 'moderation', 3, 'ямы', 'khabarovsk-city', '{}', '', '', '', false, false, 10, $3::timestamptz + interval '10 days', $3::timestamptz + interval '10 days',
			'строка 3', 1, 'r', $3, $3, 'система', '', NULL) RETURNING id, region)
		INSERT INTO case_keys (region, key, case_id, is_open) SELECT region, $2, id, $4 FROM c`, region, key, noon(), open)
	exec(t, conn, "UPDATE cases SET state = $1, agency_id = 'min-roads', updated_at = $2, closing_reason = CASE WHEN $1 = 'rejected' THEN 'advert' ELSE '' END WHERE id = (SELECT case_id FROM case_keys WHERE key = $3)", state, noon(), key)
}

// Whose conversations were being read again is forgotten, that they are is not.
func TestOldCursorsForgetWhoWrote(t *testing.T) {
	dsn := storagetest.EmptyDSN(t)
	if err := storage.MigrateTo(t.Context(), dsn, 53); err != nil {
		t.Fatal(err)
	}
	conn := connect(t, dsn)
	exec(t, conn, "INSERT INTO regions (region, code, zone) VALUES ($1, '27', 'Asia/Vladivostok')", region)
	exec(t, conn, `INSERT INTO sources (region, kind, address, next_poll_at, cursor) VALUES
		($1, 'vk_longpoll', '1', now(), '{"server": {"ts": "5"}, "dialogs": {"since": 70, "listed": true, "todo": [501, 502], "list": {"o": 0, "p": {"d": 9, "i": 501}}}, "heard": 8}'),
		($1, 'vk_longpoll', '2', now(), '{"server": {"ts": "6"}}'), ($1, 'vk_longpoll', '3', now(), NULL)`, region)
	if err := storage.Migrate(t.Context(), dsn); err != nil {
		t.Fatal(err)
	}
	var got string
	if err := conn.QueryRow(t.Context(), "SELECT string_agg(coalesce(cursor::text, '-'), '; ' ORDER BY address) FROM sources").Scan(&got); err != nil {
		t.Fatal(err)
	}
	if want := `{"heard": 8, "server": {"ts": "5"}, "dialogs": {"since": 70}}; {"server": {"ts": "6"}}; -`; got != want {
		t.Errorf("%s", got)
	}
}

// What shares a kind's daily quota is counted by region, so that those whose pack
// does not let them be read can be left out. Sources that wait for the next quota
// day share it; those that a person stopped or the platform closed do not.
func TestSourcesThatShareAQuota(t *testing.T) {
	s := storagetest.New(t)
	for i, state := range []domain.SourceState{domain.SourceActive, domain.SourceParked, domain.SourceFailing, domain.SourceClosed} {
		src := addSource(t, s, owner+string(rune('1'+i)))
		if err := s.SourceFailed(t.Context(), src, state, "проверка", src.Activity, noon()); err != nil {
			t.Fatal(err)
		}
	}
	paused := addSource(t, s, "-200")
	if err := s.PauseSource(t.Context(), paused.ID, "проверка"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.AddSource(t.Context(), domain.Source{Region: "kaliningrad", Kind: domain.VKWall, Address: "-300"}); err != nil {
		t.Fatal(err)
	}
	got, err := s.CountSources(t.Context(), domain.VKWall)
	if err != nil || !maps.Equal(got, map[string]int64{region: 3, "kaliningrad": 1}) {
		t.Errorf("%v, %v", got, err)
	}
}

// At the oldest schema that is taken every query of the program can be prepared.
func TestQueriesFitTheOldestSchema(t *testing.T) {
	dsn := storagetest.EmptyDSN(t)
	if err := storage.MigrateTo(t.Context(), dsn, storage.MinSchema); err != nil {
		t.Fatal(err)
	}
	conn := connect(t, dsn)
	for name, sql := range namedQueries(t) {
		if _, err := conn.Prepare(t.Context(), name, sql); err != nil {
			t.Errorf("raise MinSchema: %s: %v", name, err)
		}
	}
}
