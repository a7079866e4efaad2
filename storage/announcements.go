package storage

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage/db"
)

// Announcements lists a region's announcements, the newest first.
func (s *Store) Announcements(ctx context.Context, region string, most int) ([]domain.Announcement, error) {
	rows, err := s.queries().AnnouncementsOf(ctx, region, 0, small(most))
	if err != nil {
		return nil, named("list announcements", err)
	}
	out := make([]domain.Announcement, len(rows))
	for i, r := range rows {
		out[i] = toAnnouncement(r)
	}
	return out, nil
}

// Announcement finds one of a region with how far it has come; domain.ErrNotFound.
func (s *Store) Announcement(ctx context.Context, region string, id int64) (domain.Announcement, error) {
	rows, err := s.queries().AnnouncementsOf(ctx, region, id, 1)
	if err == nil && len(rows) == 0 {
		err = domain.ErrNotFound
	}
	if err != nil {
		return domain.Announcement{}, named(fmt.Sprintf("find announcement %d", id), err)
	}
	return toAnnouncement(rows[0]), nil
}

func toAnnouncement(r db.AnnouncementsOfRow) domain.Announcement {
	return domain.Announcement{ID: r.ID, Region: r.Region, State: domain.AnnouncementState(r.State), Text: r.Text, Municipalities: r.Municipalities,
		Author: r.Author, CreatedAt: moment(r.CreatedAt), UpdatedAt: moment(r.UpdatedAt), Approver: r.Approver, ApprovedAt: moment(r.ApprovedAt),
		Why: r.Why, EndedBy: r.EndedBy, EndedAt: moment(r.EndedAt), Version: int(r.Version), Total: int64(r.Total),
		Delivered: r.Delivered, Failed: r.Failed, Unclear: r.Unclear, Waiting: r.Waiting}
}

// Receivers counts who would hear an announcement now, by platform.
func (s *Store) Receivers(ctx context.Context, region string, municipalities []string, to domain.Receivers) (map[domain.Platform]int64, error) {
	out, err := receivers(ctx, s.queries(), region, municipalities, to)
	return out, named("count receivers", err)
}

func receivers(ctx context.Context, q *db.Queries, region string, municipalities []string, to domain.Receivers) (map[domain.Platform]int64, error) {
	rows, err := q.Receivers(ctx, db.ReceiversParams{Region: region, Consent: to.Consent, Platforms: platformsText(to.Platforms), Municipalities: municipalities})
	if err != nil {
		return nil, err
	}
	out := map[domain.Platform]int64{}
	for _, r := range rows {
		out[domain.Platform(r.Platform)] = r.N
	}
	return out, nil
}

func platformsText(list []domain.Platform) []string {
	out := make([]string, len(list))
	for i, p := range list {
		out[i] = string(p)
	}
	return out
}

// WriteAnnouncement keeps a draft: a new one when it has no id, else over the
// version the writer has seen; domain.ErrStale, domain.ErrNotFound, a Refusal.
func (s *Store) WriteAnnouncement(ctx context.Context, a domain.Announcement, by domain.Doer) (int64, error) {
	if err := a.Check(); err != nil {
		return 0, err
	}
	id := a.ID
	err := s.inTx(ctx, "keep an announcement", func(q *db.Queries) error {
		var err error
		if a.ID == 0 {
			if id, err = q.InsertAnnouncement(ctx, db.InsertAnnouncementParams{Region: a.Region, Text: clean(a.Text), Municipalities: a.Municipalities,
				Author: by.Login, At: stamp(by.At)}); err != nil {
				return err
			}
			return journal(ctx, q, announcementEntry(by, "announcement_written", id, "написано"))
		}
		now, err := lockAnnouncement(ctx, q, a.Region, a.ID, a.Version)
		if err != nil {
			return err
		}
		if now.State != domain.AnnouncementDraft {
			return domain.RefuseAnnouncementMoved
		}
		if now.Text == clean(a.Text) && slices.Equal(now.Municipalities, a.Municipalities) {
			return nil // whoever pressed the button wrote nothing
		}
		if err := q.EditAnnouncement(ctx, db.EditAnnouncementParams{Text: clean(a.Text), Municipalities: a.Municipalities, Author: by.Login, At: stamp(by.At), ID: a.ID}); err != nil {
			return err
		}
		return journal(ctx, q, announcementEntry(by, "announcement_written", id, "исправлено"))
	})
	return id, err
}

func announcementEntry(by domain.Doer, action string, id int64, words string) domain.Entry {
	return domain.EntryOf(by, action, "announcement", strconv.FormatInt(id, 10), words)
}

// lockAnnouncement finds one and holds it; seen 0 takes any version.
func lockAnnouncement(ctx context.Context, q *db.Queries, region string, id int64, seen int) (domain.Announcement, error) {
	r, err := q.LockAnnouncement(ctx, id, region)
	if errors.Is(err, pgx.ErrNoRows) {
		return domain.Announcement{}, domain.ErrNotFound
	}
	if err != nil {
		return domain.Announcement{}, err
	}
	a := domain.Announcement{ID: r.ID, Region: r.Region, State: domain.AnnouncementState(r.State), Text: r.Text, Municipalities: r.Municipalities,
		Author: r.Author, Approver: r.Approver, ApprovedAt: moment(r.ApprovedAt), Version: int(r.Version), Total: int64(r.Total)}
	if seen != 0 && a.Version != seen {
		return a, domain.ErrStale
	}
	return a, nil
}

// MoveAnnouncement brings an announcement to another state, with the reason that
// people read; domain.ErrStale, domain.ErrNotFound, a Refusal. Approving counts the
// receivers; stopping takes back what has not left.
func (s *Store) MoveAnnouncement(ctx context.Context, region string, id int64, seen int, to domain.AnnouncementState, why string, by domain.Doer,
	reach domain.Receivers,
) error {
	return s.inTx(ctx, fmt.Sprintf("bring announcement %d to %s", id, to), func(q *db.Queries) error {
		a, err := lockAnnouncement(ctx, q, region, id, seen)
		if err != nil {
			return err
		}
		if err := a.Move(to, by.Login); err != nil {
			return err
		}
		p := db.MoveAnnouncementParams{State: string(to), At: stamp(by.At), Why: clean(why), Total: small(int(a.Total)), Approver: a.Approver, ID: id}
		switch to {
		case domain.AnnouncementSending:
			p.Approver = by.Login
			total, err := receivers(ctx, q, region, a.Municipalities, reach)
			if err != nil {
				return fmt.Errorf("count receivers: %w", err)
			}
			for _, n := range total {
				p.Total += small(int(n))
			}
		case domain.AnnouncementStopped:
			p.EndedBy = by.Login
			if err := q.CancelAnnouncement(ctx, stamp(by.At), id); err != nil {
				return fmt.Errorf("take back what waits: %w", err)
			}
		case domain.AnnouncementDropped:
			p.EndedBy = by.Login
		}
		if err := q.MoveAnnouncement(ctx, p); err != nil {
			return err
		}
		words := map[domain.AnnouncementState]string{domain.AnnouncementApproval: "отправлено на согласование", domain.AnnouncementDropped: "черновик удалён",
			domain.AnnouncementSending: fmt.Sprintf("согласовано, получателей: %d", p.Total)}[to]
		if words == "" {
			words = why
		}
		return journal(ctx, q, announcementEntry(by, "announcement_"+string(to), id, words))
	})
}

// feedAtOnce is how many messages of an announcement wait in the outbox at most:
// answers and the bot's own words are not to stand behind thousands of them, and
// stopping stops at once.
const feedAtOnce = 25

// feedShare is how much of an account's day announcements may take: the rest is the
// bot's, in parts of ten.
const feedShare = 8

// FeedAnnouncements puts the next messages of a region's announcements into the
// outbox, and ends those that have reached everybody. It returns how many it put.
func (s *Store) FeedAnnouncements(ctx context.Context, region string, to domain.Receivers, say domain.Announce, now time.Time) (int, error) {
	put := 0
	for after := int64(0); ; {
		done := false
		err := s.inTx(ctx, "feed announcements", func(q *db.Queries) error {
			r, err := q.SendingAnnouncement(ctx, region, after)
			if errors.Is(err, pgx.ErrNoRows) {
				done = true
				return nil
			}
			if err != nil {
				return fmt.Errorf("find one that is being sent: %w", err)
			}
			after = r.ID
			n, err := s.feedOne(ctx, q, r, to, say, now)
			put += n
			return err
		})
		if err != nil || done {
			return put, err
		}
	}
}

func (s *Store) feedOne(ctx context.Context, q *db.Queries, a db.Announcement, to domain.Receivers, say domain.Announce, now time.Time) (int, error) {
	waits, err := q.AnnouncementWaits(ctx, a.ID)
	if err != nil {
		return 0, fmt.Errorf("count what waits: %w", err)
	}
	if waits >= feedAtOnce {
		return 0, nil
	}
	next, err := q.NextReceivers(ctx, db.NextReceiversParams{Region: a.Region, After: a.LastDialog, Consent: to.Consent, Platforms: platformsText(to.Platforms),
		Municipalities: a.Municipalities, Until: a.ApprovedAt, Most: feedAtOnce - int32(waits)}) //nolint:gosec // below feedAtOnce
	if err != nil {
		return 0, fmt.Errorf("find the next receivers: %w", err)
	}
	if len(next) == 0 {
		if waits > 0 {
			return 0, nil
		}
		return 0, wrap("end it", q.MoveAnnouncement(ctx, db.MoveAnnouncementParams{State: string(domain.AnnouncementSent), At: stamp(now), Total: a.Total,
			Approver: a.Approver, EndedBy: domain.DoerSystem, ID: a.ID}))
	}
	return s.putAnnouncement(ctx, q, a, next, say, now)
}

// putAnnouncement stops at the first receiver whose account has said enough today.
func (s *Store) putAnnouncement(ctx context.Context, q *db.Queries, a db.Announcement, next []db.NextReceiversRow, say domain.Announce, now time.Time) (int, error) {
	put, last := 0, int64(0)
	left := map[string]int64{}
	for _, d := range next {
		key := domain.AccountKey(domain.Platform(d.Platform), account(d.Owner))
		if _, known := left[key]; !known {
			n, err := s.leftForAnnouncements(ctx, q, domain.Platform(d.Platform), key)
			if err != nil {
				return put, err
			}
			left[key] = n
		}
		if left[key] <= 0 {
			break
		}
		left[key]--
		w := say(a.Text, d.Municipalities)
		buttons, err := listJSON("buttons", w.Buttons)
		if err != nil {
			return put, err
		}
		err = q.PutAnnouncementWord(ctx, db.PutAnnouncementWordParams{Key: fmt.Sprintf("announcement:%d:%d", a.ID, d.ID), Region: a.Region, DialogID: d.ID,
			Platform: d.Platform, Account: account(d.Owner), Owner: d.Owner, Chat: chatName(d.ChatKey), GapMs: int32(chatGap.Milliseconds()),
			Text: clean(w.Text), Buttons: buttons, At: stamp(now), AnnouncementID: a.ID})
		if err != nil {
			return put, fmt.Errorf("put it into the outbox: %w", err)
		}
		put, last = put+1, d.ID
	}
	if put == 0 {
		return 0, nil
	}
	return put, wrap("note the place", q.AnnouncementAt(ctx, last, a.ID))
}

// leftForAnnouncements is what an account may still announce today, what waits for it
// not counted: that is little.
func (s *Store) leftForAnnouncements(ctx context.Context, q *db.Queries, p domain.Platform, key string) (int64, error) {
	perDay := s.sendPerDay(p, domain.WayDialog)
	if perDay <= 0 {
		return feedAtOnce, nil
	}
	used, err := q.UsedQuota(ctx, tokenHash(key), sendMethod(p, domain.WayDialog), day(s.quotaNow()))
	if err != nil {
		return 0, fmt.Errorf("read the day of %s: %w", key, err)
	}
	return perDay*feedShare/10 - used.Used, nil
}
