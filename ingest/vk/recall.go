package vkingest

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/vk"
)

// Recall reads again what a person wrote before they agreed: until then nothing
// of it was kept.
type Recall struct {
	// Agrees reports a message that brings consent, in a region whose bot asks for it.
	Agrees func(region string, p *domain.Post) bool
	// History is messages.getHistory of an own community.
	History func(ctx context.Context, group, peer int64, offset, count int) (vk.Page, error)
}

// recallCount is how many messages before consent are read: one call.
const recallCount = 20

// recall adds to messages that bring consent those that came before them, behind
// them, because they count from then on. What cannot be read is asked for again
// by the bot.
func (d Deps) recall(ctx context.Context, src domain.Source, group int64, posts []domain.Post) []domain.Post {
	if d.Recall == nil {
		return posts
	}
	var earlier []domain.Post
	for i := range posts {
		p := &posts[i]
		if p.Private == nil || p.Private.Group || !d.Recall.Agrees(src.Region, p) {
			continue
		}
		found, err := d.before(ctx, src, group, p)
		if err != nil {
			d.log().Warn("what came before consent cannot be read", "source", src.ID, "err", err)
			continue
		}
		p.Private.Recalled = true
		earlier = append(earlier, found...)
	}
	return append(posts, earlier...)
}

// before gives the messages of a dialog before one of it, the oldest first.
func (d Deps) before(ctx context.Context, src domain.Source, group int64, p *domain.Post) ([]domain.Post, error) {
	peer, err := strconv.ParseInt(p.Private.Chat, 10, 64)
	if err != nil {
		return nil, err
	}
	page, err := d.Recall.History(ctx, group, peer, 0, recallCount)
	if err != nil {
		return nil, err
	}
	f := Frame{Source: src, Owner: -group, Names: page.Names}
	var out []domain.Post
	for _, raw := range page.Items {
		m, own, err := MapMessage(raw, f)
		if err == nil && !own && numberOf(m.ID) < numberOf(p.ID) && m.Private.Press == "" {
			out = append(out, m)
		}
	}
	slices.Reverse(out)
	return out, nil
}

// numberOf is the conversation_message_id in a message's identity.
func numberOf(id domain.PostID) int64 {
	n, err := strconv.ParseInt(id.Post[strings.LastIndexByte(id.Post, ':')+1:], 10, 64)
	if err != nil {
		return 0
	}
	return n
}
