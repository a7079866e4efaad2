package storage

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage/db"
)

// PutStaffCode gives a person a one-time code for linking a chat; the one before
// is void. Only its keyed hash is kept, for as long as given.
func (s *Store) PutStaffCode(ctx context.Context, u domain.User, hash []byte, within time.Duration, by domain.Doer) error {
	return s.inTx(ctx, "put a code for linking a chat", func(q *db.Queries) error {
		if err := q.PutStaffCode(ctx, u.ID, hash, within.Seconds()); err != nil {
			return err
		}
		return journal(ctx, q, userEntry(by, u.Region, "notices_code", u.Login, "сделан код для привязки чата"))
	})
}

// StaffChats lists the chats a person has linked, live ones first, newest first.
func (s *Store) StaffChats(ctx context.Context, userID int64) ([]domain.StaffChat, error) {
	rows, err := s.queries().StaffChats(ctx, userID)
	if err != nil {
		return nil, named("list linked chats", err)
	}
	out := make([]domain.StaffChat, len(rows))
	for i, r := range rows {
		out[i] = domain.StaffChat{StaffLink: domain.StaffLink{ID: r.ID, UserID: r.UserID, Region: r.Region, Platform: domain.Platform(r.Platform),
			Owner: r.Owner, LinkedAt: moment(r.LinkedAt), Broken: r.Broken, BrokenAt: moment(r.BrokenAt)},
			EndedAt: moment(r.EndedAt), EndedWhy: r.EndedWhy}
	}
	return out, nil
}

// EndStaffLink unlinks one of a person's own chats; domain.ErrNotFound when it has
// ended or is another's.
func (s *Store) EndStaffLink(ctx context.Context, u domain.User, id int64, by domain.Doer) error {
	return s.inTx(ctx, fmt.Sprintf("end link %d", id), func(q *db.Queries) error {
		row, err := q.EndStaffLink(ctx, stamp(by.At), "отвязан на рабочем месте", id)
		if err != nil {
			return err
		}
		if row.UserID != u.ID {
			return domain.ErrNotFound
		}
		return journal(ctx, q, userEntry(by, u.Region, "notices_unlinked", u.Login, "чат для уведомлений отвязан"))
	})
}

// StaffSettings say when a person wants to hear of things; the usual ones for who
// has chosen none.
func (s *Store) StaffSettings(ctx context.Context, userID int64) (domain.StaffSettings, error) {
	set, err := staffSettings(ctx, s.queries(), userID)
	return set, named("read how somebody wants to hear of things", err)
}

func staffSettings(ctx context.Context, q *db.Queries, userID int64) (domain.StaffSettings, error) {
	r, err := q.StaffSettingsOf(ctx, userID)
	if noRows(err) {
		return domain.UsualStaffSettings(), nil
	}
	return domain.StaffSettings{QuietFrom: int(r.QuietFrom), QuietTo: int(r.QuietTo), Digest: int(r.DigestAt), Mail: r.Mail}, err
}

// SetStaffSettings keeps a person's choice; domain.ErrStale when it is not the one
// whose mark they saw any more.
func (s *Store) SetStaffSettings(ctx context.Context, u domain.User, set domain.StaffSettings, seen string, by domain.Doer) error {
	return s.inTx(ctx, "keep how somebody wants to hear of things", func(q *db.Queries) error {
		if _, err := q.LockStaff(ctx, u.ID); err != nil {
			return err
		}
		now, err := staffSettings(ctx, q, u.ID)
		if err != nil {
			return err
		}
		if now.Mark() != seen {
			return domain.ErrStale
		}
		if err := q.PutStaffSettings(ctx, db.PutStaffSettingsParams{UserID: u.ID, QuietFrom: small(set.QuietFrom), QuietTo: small(set.QuietTo),
			DigestAt: small(set.Digest), Mail: set.Mail}); err != nil {
			return err
		}
		return journal(ctx, q, userEntry(by, u.Region, "notices_settings", u.Login, "изменены настройки уведомлений"))
	})
}

// StaffHeard lists what a person has heard lately, newest first, and where it went.
func (s *Store) StaffHeard(ctx context.Context, userID int64, limit int) ([]domain.StaffHeard, error) {
	var out []domain.StaffHeard
	err := s.inTx(ctx, "list what somebody heard", func(q *db.Queries) error {
		rows, err := q.StaffHeardBy(ctx, userID, small(limit))
		if err != nil {
			return err
		}
		letters := make([]int64, 0, len(rows))
		for _, r := range rows {
			letters = append(letters, r.LetterID)
		}
		taken, err := q.StaffWaysTaken(ctx, letters)
		if err != nil {
			return fmt.Errorf("read where it went: %w", err)
		}
		ways := map[int64][]domain.StaffWay{}
		for _, w := range taken {
			ways[w.LetterID] = append(ways[w.LetterID], domain.StaffWay{Platform: domain.Platform(w.Platform), State: domain.DeliveryState(w.State), Words: w.Words})
		}
		out = nil
		for _, r := range rows {
			out = append(out, domain.StaffHeard{At: moment(r.At), SayAt: moment(r.SayAt), Kind: domain.NoticeKind(r.Kind), Number: r.Number,
				State: r.State, Instead: r.Instead, Ways: ways[r.LetterID]})
		}
		return nil
	})
	return out, err
}

// StaffAddress is where a message to somebody of the desk goes.
type StaffAddress struct {
	Platform domain.Platform
	Owner    string
	Chat     string // of a link that is alive
	Email    string
	Subject  string
	Buttons  [][]domain.Button
	SpeakID  int64 // the account kept here that speaks; 0: one of the environment
}

// StaffAddressOf finds where a delivery to somebody of the desk goes.
func (s *Store) StaffAddressOf(ctx context.Context, delivery int64) (StaffAddress, error) {
	r, err := s.queries().StaffAddress(ctx, delivery)
	if err != nil {
		return StaffAddress{}, named("find where a message to staff goes", err)
	}
	a := StaffAddress{Platform: domain.Platform(r.Platform), Owner: r.Owner, Chat: r.Chat, Email: r.Email, Subject: r.Subject, SpeakID: r.AccountID}
	return a, fromJSON("buttons", r.Buttons, &a.Buttons)
}

// StaffCount is how many notices of a region's people are in a state.
type StaffCount struct {
	Region, State string
	N             int64
}

// StaffBacklog counts what people have still to hear, and what had no way to them.
func (s *Store) StaffBacklog(ctx context.Context) ([]StaffCount, error) {
	rows, err := s.queries().StaffBacklog(ctx)
	if err != nil {
		return nil, named("count notices of staff", err)
	}
	out := make([]StaffCount, len(rows))
	for i, r := range rows {
		out[i] = StaffCount{Region: r.Region, State: r.State, N: r.N}
	}
	return out, nil
}

// ForgetStaff drops what was heard from and said to staff before a moment.
func (s *Store) ForgetStaff(ctx context.Context, region string, before time.Time) (n int64, err error) {
	err = s.inTx(ctx, "forget old notices of staff", func(q *db.Queries) error {
		if n, err = q.DropStaffUpdates(ctx, region, stamp(before)); err != nil {
			return err
		}
		more, err := q.DropStaffMessages(ctx, region, stamp(before))
		n += more
		return err
	})
	return n, err
}

// staffWord is a message to somebody of the desk on its way into the outbox.
type staffWord struct {
	key, region, why string
	platform         domain.Platform
	owner, chat      string
	thread           string // one order; "": it waits for nothing
	inHand           bool   // the chat is nobody's
	letter, link     int64
	at               time.Time
}

// mailAccount speaks for letters by mail.
const mailAccount = "smtp"

func (w staffWord) put(ctx context.Context, q *db.Queries, word domain.Word) error {
	buttons, err := listJSON("buttons", word.Buttons)
	if err != nil {
		return err
	}
	p := db.PutStaffWordParams{Key: w.key, Region: w.region, Platform: string(w.platform), Account: account(w.owner), Owner: w.owner, Chat: w.chat, Thread: cmp.Or(w.thread, w.key),
		GapMs: int32(chatGap.Milliseconds()), Text: clean(word.Text), Buttons: buttons, InHand: w.inHand, LetterID: toInt8(w.letter),
		LinkID: toInt8(w.link), Why: w.why, At: stamp(w.at)}
	return wrap("put words to staff into the outbox", q.PutStaffWord(ctx, p))
}

// staffEnded: what did not get there by a chat goes by mail, when there is one,
// and a chat that takes nothing is known as such. Danger to life does not wait
// until a chat is given up.
func (s *Store) staffEnded(ctx context.Context, q *db.Queries, d db.Delivery, end domain.DeliveryEnd, now time.Time) error {
	switch end.State {
	case domain.DeliveryWaiting:
		return s.urgentByMail(ctx, q, d, now)
	case domain.DeliveryFailed, domain.DeliveryUnclear:
	default:
		return nil
	}
	if end.Blocked && d.LinkID.Valid {
		if err := q.BreakStaffLink(ctx, clean(end.Words), stamp(now), d.LinkID.Int64); err != nil {
			return fmt.Errorf("mark the link: %w", err)
		}
	}
	if !d.LetterID.Valid || domain.Platform(d.Platform) == domain.Mail || !s.opts.Mail {
		return nil
	}
	lives, err := q.LetterLives(ctx, d.LetterID.Int64)
	if err != nil || lives {
		return wrap("look for another way of the letter", err)
	}
	return byMail(ctx, q, d.LetterID.Int64, now)
}

func (s *Store) urgentByMail(ctx context.Context, q *db.Queries, d db.Delivery, now time.Time) error {
	if !d.LetterID.Valid || domain.Platform(d.Platform) == domain.Mail || !s.opts.Mail {
		return nil
	}
	urgent, err := q.UrgentLetter(ctx, d.LetterID.Int64, domain.OfDanger())
	if err != nil || !urgent {
		return wrap("look whether the letter is urgent", err)
	}
	return byMail(ctx, q, d.LetterID.Int64, now)
}

// byMail sends a letter by mail too, once, when its person takes any.
func byMail(ctx context.Context, q *db.Queries, letter int64, now time.Time) error {
	l, err := q.LetterToMail(ctx, letter)
	if noRows(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the letter: %w", err)
	}
	return mailWord(l.ID, l.UserID, l.Region, now).put(ctx, q, domain.Word{Text: l.Text})
}

func mailWord(letter, user int64, region string, at time.Time) staffWord {
	return staffWord{key: fmt.Sprintf("staff:%d:mail", letter), region: region, why: "mail", platform: domain.Mail, owner: mailAccount,
		chat: fmt.Sprintf("staff:mail:%d", user), letter: letter, at: at}
}
