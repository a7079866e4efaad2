package storage

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage/db"
)

// erase takes out what an author wrote and who they are, in their posts and in what
// others wrote of their cases (152-ФЗ ст. 14, 20, 21). Cases, their numbers, rows,
// municipalities and terms stay: they are the bodies' own, and name nobody then. The
// chat is known from the update alone when consent was withdrawn before.
func (t *talking) erase(ctx context.Context) error {
	e := erasing{talking: t, chat: t.p.Chat}
	if err := e.look(ctx); err != nil {
		return err
	}
	if err := t.q.EraseMode(ctx, true); err != nil {
		return fmt.Errorf("begin to erase: %w", err)
	}
	for _, step := range []struct {
		what string
		do   func(context.Context) error
	}{{"posts", e.posts}, {"places", e.places}, {"deliveries", e.deliveries}, {"texts", e.texts}} {
		if err := step.do(ctx); err != nil {
			return fmt.Errorf("erase %s: %w", step.what, err)
		}
	}
	if err := t.q.EraseDialogCases(ctx, t.row.ID); err != nil {
		return fmt.Errorf("erase the dialog's cases: %w", err)
	}
	return wrap("end erasing", t.q.EraseMode(ctx, false))
}

// erasing is one author's data on their way out.
type erasing struct {
	*talking
	chat   string
	all    []int64 // cases of theirs
	own    []int64 // … that nobody else wrote of
	shared []int64
	placed []int64 // … whose place nobody else named
	prints []string

	traces domain.Traces // everywhere
	told   domain.Traces // in cases whose place is theirs alone
}

// look finds what is theirs before it is gone.
func (e *erasing) look(ctx context.Context) error {
	posts, err := e.q.ErasedPosts(ctx, e.row.ID)
	if err != nil {
		return fmt.Errorf("find their posts: %w", err)
	}
	cases, err := e.q.ErasedCases(ctx, e.row.ID)
	if err != nil {
		return fmt.Errorf("find their cases: %w", err)
	}
	var names, streets []string
	texts := []string{e.chat}
	for _, p := range posts {
		names, streets = append(names, p.AuthorName), append(streets, p.Street)
		texts = append(append(texts, p.Text, p.AuthorID), p.Before...)
		if p.Fingerprint != "" {
			e.prints = append(e.prints, p.Fingerprint)
		}
	}
	for _, c := range cases {
		e.all = append(e.all, c.ID)
		if c.Others {
			e.shared = append(e.shared, c.ID)
		} else {
			e.own = append(e.own, c.ID)
		}
		if !c.Named {
			e.placed, streets = append(e.placed, c.ID), append(streets, c.Street)
		}
	}
	e.traces, e.told = domain.NewTraces(names, texts, nil), domain.NewTraces(names, texts, streets)
	return nil
}

func (e *erasing) posts(ctx context.Context) error {
	ids, err := e.q.ErasePosts(ctx, e.row.ID)
	if err != nil {
		return err
	}
	for _, step := range []func(context.Context, []int64) error{e.q.EraseIDs, e.q.EraseVersions, e.q.EraseVerdicts, e.q.EraseAnswers, e.q.EraseReviews} {
		if err := step(ctx, ids); err != nil {
			return err
		}
	}
	return nil
}

func (e *erasing) places(ctx context.Context) error {
	if err := e.q.EraseUndos(ctx, e.all); err != nil {
		return err
	}
	if err := e.q.ErasePlaces(ctx, stamp(e.now), author, e.placed); err != nil {
		return err
	}
	if err := e.q.EraseEvents(ctx, e.all); err != nil {
		return err
	}
	return e.q.EraseKeys(ctx, db.EraseKeysParams{Own: e.own, Shared: e.shared, Chat: "dialog:" + e.chat + ":", Prints: e.prints})
}

func (e *erasing) deliveries(ctx context.Context) error {
	if err := e.q.EraseDeliveries(ctx, e.row.ID, e.all, e.chat); err != nil {
		return err
	}
	if err := e.q.EraseWords(ctx, e.row.ID); err != nil {
		return err
	}
	if err := e.q.EraseAttempts(ctx, e.row.ID, e.all); err != nil {
		return err
	}
	if err := e.q.ErasePlans(ctx, e.all, e.chat); err != nil {
		return err
	}
	if err := e.q.EraseAlbums(ctx, e.chat); err != nil {
		return err
	}
	return e.ordered(ctx)
}

// ordered drops what long work has made of posts; it can be ordered again.
func (e *erasing) ordered(ctx context.Context) error {
	if err := e.q.EraseExports(ctx, e.row.ID); err != nil {
		return err
	}
	return e.q.EraseDryRuns(ctx, "результат удалён вместе с данными автора, чьи слова в нём могли быть: запустите прогон снова", stamp(e.now), e.row.ID)
}

// texts goes through whatever was written of the cases. Those whose place others
// named too keep it there.
func (e *erasing) texts(ctx context.Context) error {
	placed := map[int64]bool{}
	for _, id := range e.placed {
		placed[id] = true
	}
	for _, id := range e.all {
		traces := e.traces
		if placed[id] {
			traces = e.told
		}
		rows, err := e.q.CaseTexts(ctx, []int64{id})
		if err != nil {
			return fmt.Errorf("read what was written: %w", err)
		}
		for _, r := range rows {
			words, err := hidden(r.Words, traces, placed[id])
			if err != nil {
				return fmt.Errorf("look through %s: %w", r.Place, err)
			}
			if words == nil {
				continue
			}
			if err := e.q.PutTexts(ctx, r.Place, r.ID, words); err != nil {
				return fmt.Errorf("write %s: %w", r.Place, err)
			}
		}
	}
	return nil
}

// hidden takes traces out of a row's words; nil when there were none.
func hidden(words []byte, t domain.Traces, place bool) ([]byte, error) {
	d := json.NewDecoder(bytes.NewReader(words))
	d.UseNumber() // what is a number stays as it is written
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	changed := false
	v = hide(v, t, place, &changed)
	if !changed {
		return nil, nil
	}
	return json.Marshal(v)
}

func hide(v any, t domain.Traces, place bool, changed *bool) any {
	switch v := v.(type) {
	case string:
		s := t.Hide(v)
		*changed = *changed || s != v
		return s
	case []any:
		for i := range v {
			v[i] = hide(v[i], t, place, changed)
		}
	case map[string]any:
		if _, ok := v["street"]; ok && place {
			for _, part := range []string{"settlement", "district", "street", "house", "candidates", "elsewhere"} {
				_, had := v[part]
				*changed = *changed || had
				delete(v, part)
			}
		}
		for k := range v {
			v[k] = hide(v[k], t, place, changed)
		}
	}
	return v
}
