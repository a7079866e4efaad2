package worker

import (
	"context"
	"errors"
	"fmt"
	"sort"
	"strings"
	"time"

	"github.com/otklik/otklik/domain"
)

// Albums gives the pending parts of albums that have settled, whole albums only.
type Albums interface {
	SettledAlbums(ctx context.Context, now time.Time, limit int) ([][]domain.Post, error)
	// CommitAlbum judges the head of an album and marks the other parts judged with it.
	CommitAlbum(ctx context.Context, now time.Time, head domain.Judged, parts []domain.PostID, talk domain.Talk, decide domain.Decide) (domain.CommitResult, error)
}

// Settler judges Telegram albums once no more parts come: an album is several
// updates with one media_group_id, the caption on any of them (protocols.md).
type Settler struct {
	Worker *Worker
	Albums Albums
	Every  time.Duration
	Lives  *domain.Lives // may be nil
}

// Run settles albums until ctx ends.
func (s *Settler) Run(ctx context.Context) error {
	t := time.NewTicker(s.Every)
	defer t.Stop()
	life := s.Lives.Begin("albums", "", domain.LoopSilence)
	defer life.End()
	for {
		life.Beat()
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
			if _, err := s.Settle(ctx); err != nil && ctx.Err() == nil {
				s.Worker.Log.Error("settle albums", "err", err)
			}
		}
	}
}

// Settle judges every album that has settled and returns how many it settled.
// An album that fails costs itself only; it is tried again at the next look.
func (s *Settler) Settle(ctx context.Context) (int, error) {
	w := s.Worker
	albums, err := s.Albums.SettledAlbums(ctx, w.Clock.Now(), 100)
	if err != nil {
		return 0, fmt.Errorf("find settled albums: %w", err)
	}
	settled := 0
	var failed []error
	for _, parts := range albums {
		err := s.settleOne(ctx, parts)
		switch {
		case err == nil:
			settled++
		case ctx.Err() != nil || errors.Is(err, domain.ErrUnavailable): // the others would fare no better
			return settled, fmt.Errorf("settle album %s: %w", parts[0].AlbumName(), err)
		default: // one album at fault must not keep back the rest
			failed = append(failed, fmt.Errorf("settle album %s: %w", parts[0].AlbumName(), err))
		}
	}
	return settled, errors.Join(failed...)
}

func (s *Settler) settleOne(ctx context.Context, parts []domain.Post) error {
	w := s.Worker
	head, ids := joinAlbum(parts)
	snap, err := w.Rules.Snapshot(head.Region)
	if err != nil {
		return err
	}
	j := domain.Judged{Post: head, Parts: parts}
	w.judgeOne(snap, &j)
	now := w.Clock.Now()
	src := domain.Source{ID: head.SourceID, Region: head.Region, Kind: domain.TelegramBot} // nobody else has albums
	var talk domain.Talk
	if head.Kind == domain.Message && w.Talks != nil {
		talk = w.Talks.Talk(src)
	}
	if w.Observer != nil {
		w.Observer.Judged(src, j.Verdict)
	}
	began := time.Now()
	decide := func(j domain.Judged, known *domain.Known, open []domain.OpenCase) domain.Decision {
		return w.decide(snap, now, j, known, open)
	}
	res, err := s.Albums.CommitAlbum(ctx, now, j, ids, talk, decide)
	if errors.Is(err, domain.ErrRefused) { // to a person, with the fault named, as any other post
		w.Log.Error("album refused by the store", "album", head.AlbumName(), "post", head.ID.LogName(), "err", err)
		res, err = s.Albums.CommitAlbum(ctx, now, strip(j, err), ids, talk, decide)
	}
	if err != nil {
		return err
	}
	w.report(src, res, time.Since(began))
	return nil
}

// joinAlbum makes one post of an album: the first message gives the identity,
// captions are joined, attachments gathered.
func joinAlbum(parts []domain.Post) (head domain.Post, ids []domain.PostID) {
	sort.Slice(parts, func(i, j int) bool { return lessID(parts[i].ID.Post, parts[j].ID.Post) })
	head = parts[0]
	var texts []string
	head.Attachments = nil
	for _, p := range parts {
		ids = append(ids, p.ID)
		if t := strings.TrimSpace(p.Text); t != "" {
			texts = append(texts, p.Text)
		}
		head.Attachments = append(head.Attachments, p.Attachments...)
		head.Faults = append(head.Faults, p.Faults...)
		if head.Geo == nil {
			head.Geo = p.Geo
		}
	}
	head.Text = strings.Join(texts, "\n")
	return head, ids
}

// lessID orders message numbers that are written as text.
func lessID(a, b string) bool {
	if len(a) != len(b) {
		return len(a) < len(b)
	}
	return a < b
}
