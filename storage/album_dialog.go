package storage

import (
	"context"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage/db"
)

// albumTalk finds the dialog an album was sent in and locks it, as an update of
// the dialog would: before anything else. nil when it was sent in none, or nobody
// talks there any more.
func (c *commit) albumTalk(ctx context.Context, talk domain.Talk, it *item) (*talking, error) {
	if talk == nil || it.j.Post.Kind != domain.Message {
		return nil, nil
	}
	id := it.id
	row, err := c.q.DialogOfPost(ctx, db.DialogOfPostParams{Platform: string(id.Platform), Owner: id.Owner, Post: id.Post, Comment: id.Comment})
	if noRows(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("find the dialog of an album: %w", err)
	}
	if row.Dialog.Consent == "" {
		return nil, nil
	}
	t := &talking{commit: c, talk: talk, it: it, row: row.Dialog}
	it.j.Post.Private = &domain.Private{Chat: row.Dialog.Chat.String, Numbered: true}
	if row.Reason == reasonAnswer || row.Reason == reasonObjection || row.Reason == reasonAddition {
		it.into = row.Dialog.LastCase.Int64
		state := domain.Clarifying
		if row.Reason == reasonObjection {
			state = domain.Satisfaction
		}
		it.spoken = spokenOf(domain.DialogCase{State: state}, true)
	}
	t.reason = row.Reason
	return t, nil
}

// Reasons of turns (package bots); all but the first speak of a case there is.
const (
	reasonProblem   = "problem"
	reasonAnswer    = "answer"
	reasonObjection = "objection"
	reasonAddition  = "addition"
)

// albumSettled lets the author hear what became of an album, once.
func (t *talking) albumSettled(ctx context.Context) error {
	if t == nil || t.it.action == "" && t.it.landed == 0 {
		return nil
	}
	caseID := t.it.landed
	if err := t.follow(ctx, t.row.ID, caseID); err != nil {
		return err
	}
	if err := t.albumSpeaks(ctx); err != nil {
		return err
	}
	if caseID != 0 {
		if err := t.q.DialogLast(ctx, caseID, stamp(t.now), t.row.ID); err != nil {
			return fmt.Errorf("note the dialog's last case: %w", err)
		}
	}
	words, err := t.receipt(ctx, domain.Receipt{Reason: t.reason, CaseID: caseID, Action: t.it.action, Kind: t.it.j.Verdict.Kind})
	if err != nil {
		return err
	}
	to := wordsTo{dialogID: t.row.ID, chatKey: t.row.ChatKey, region: t.region, platform: t.it.id.Platform, owner: t.it.id.Owner, at: t.now}
	return to.put(ctx, t.q, "album:"+albumKey(t.it.j.Post.Album), t.reason, words)
}

// albumSpeaks does what the album means for the case that it was taken to speak of.
// Which part had the words is nobody's matter.
func (t *talking) albumSpeaks(ctx context.Context) error {
	switch {
	case t.it.into == 0:
		return nil
	case t.it.landed != t.it.into:
		t.reason = reasonProblem
		return nil
	case domain.SaysNothing(t.it.j.Post.Text):
		return nil
	}
	closed, err := t.answered(ctx, t.it.landed)
	if closed {
		t.reason = reasonAnswer
	}
	return wrap("close the question", err)
}

// albumKey names an album without the chat it was sent in.
func albumKey(album string) string {
	_, group, ok := strings.Cut(album, ":")
	if !ok {
		return hex.EncodeToString([]byte(album))
	}
	return group
}
