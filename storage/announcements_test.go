package storage_test

import (
	"errors"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage"
	"github.com/otklik/otklik/storage/storagetest"
)

// subscribers makes dialogs of VK with consent and a subscription since a time.
const subscribers = `WITH d AS (INSERT INTO dialogs (region, platform, owner, chat_key, chat, consent, consent_at, stopped, created_at, updated_at)
	SELECT 'khabarovsk', 'vk', '-700', sha256(($2 || n)::bytea), n::text, $3, $1, $4, $1, $1 FROM generate_series(1, $5::integer) n RETURNING id)
	INSERT INTO subscriptions (dialog_id, municipality, since) SELECT id, m, $1 FROM d, unnest('{city,amursk}'::text[]) m`

func plainWord(text string, _ []string) domain.Word { return domain.Word{Text: text} }

func TestAnnouncementsLeaveInPortionsAndStop(t *testing.T) {
	dsn := storagetest.DSN(t)
	perDay := int64(0)
	s := storagetest.Open(t, dsn, storage.Options{SendPerDay: func(domain.Platform, domain.Way) int64 { return perDay }})
	conn := connect(t, dsn)
	now := noon()
	exec(t, conn, subscribers, now.Add(-time.Hour), "a", "1", false, 60)
	exec(t, conn, subscribers, now.Add(-time.Hour), "b", "old words", false, 5)
	exec(t, conn, subscribers, now.Add(-time.Hour), "c", "1", true, 5)
	reach := domain.Receivers{Consent: "1", Platforms: []domain.Platform{domain.VK}}
	by := func(login string) domain.Doer { return domain.Doer{Login: login, Region: "khabarovsk", At: now} }
	begin := func() int64 {
		t.Helper()
		id, err := s.WriteAnnouncement(t.Context(), domain.Announcement{Region: "khabarovsk", Text: "Вода", Municipalities: []string{"amursk", "city"}}, by("anna"))
		if err != nil {
			t.Fatal(err)
		}
		for _, move := range []struct {
			to  domain.AnnouncementState
			who string
		}{{domain.AnnouncementApproval, "anna"}, {domain.AnnouncementSending, "boss"}} {
			if err := s.MoveAnnouncement(t.Context(), "khabarovsk", id, 0, move.to, "", by(move.who), reach); err != nil {
				t.Fatal(err)
			}
		}
		return id
	}
	feed := func(to domain.Receivers) int {
		t.Helper()
		n, err := s.FeedAnnouncements(t.Context(), "khabarovsk", to, plainWord, now)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	find := func(id int64) domain.Announcement {
		t.Helper()
		a, err := s.Announcement(t.Context(), "khabarovsk", id)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	first := begin()
	exec(t, conn, subscribers, now.Add(time.Hour), "late", "1", false, 5)
	if a := find(first); a.Total != 60 {
		t.Errorf("%d receivers", a.Total)
	}
	if n, again := feed(reach), feed(reach); n != 25 || again != 0 {
		t.Errorf("put %d, then %d while they wait", n, again)
	}
	if err := s.MoveAnnouncement(t.Context(), "khabarovsk", first, 0, domain.AnnouncementStopped, "хватит", by("anna"), reach); err != nil {
		t.Fatal(err)
	}
	if a := find(first); a.State != domain.AnnouncementStopped || a.Waiting != 0 || feed(reach) != 0 {
		t.Errorf("after the stop: %+v", a)
	}
	if err := s.MoveAnnouncement(t.Context(), "khabarovsk", first, 0, domain.AnnouncementSending, "", by("boss"), reach); !errors.Is(err, domain.RefuseAnnouncementMoved) {
		t.Errorf("a stopped one goes on: %v", err)
	}

	second := begin()
	perDay = 10
	if n := feed(reach); n != 8 {
		t.Errorf("%d of a day of ten are announced: the bot needs the rest", n)
	}
	perDay = 0
	sent := func() {
		t.Helper()
		for {
			d, ok, err := s.ClaimDelivery(t.Context(), time.Minute)
			if err != nil {
				t.Fatal(err)
			}
			if !ok {
				return
			}
			if err := s.FinishDelivery(t.Context(), domain.DeliveryEnd{ID: d.ID, Attempt: d.Attempt, State: domain.Delivered, Message: "1"}, now); err != nil {
				t.Fatal(err)
			}
		}
	}
	for range 10 {
		sent()
		feed(reach)
	}
	if a := find(second); a.State != domain.AnnouncementSent || a.Delivered != 60 || a.Total != 65 {
		t.Errorf("at the end: %+v", a)
	}
	third := begin()
	if n := feed(domain.Receivers{Consent: "1"}); n != 0 || find(third).State != domain.AnnouncementSent {
		t.Errorf("with the channel off: %d, %+v", n, find(third))
	}
}

func TestAnAnnouncementHasFourEyes(t *testing.T) {
	dsn := storagetest.DSN(t)
	conn := connect(t, dsn)
	_, err := conn.Exec(t.Context(), `INSERT INTO announcements (region, state, text, municipalities, author, created_at, updated_at, approver, approved_at)
		VALUES ('khabarovsk', 'sending', 'Вода', '{city}', 'anna', now(), now(), 'anna', now())`)
	if err == nil {
		t.Error("the database takes an announcement that its author has approved")
	}
}
