package ingest

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"github.com/otklik/otklik/domain"
)

// ReadPush reads the body of a push of at most so many bytes. Where it cannot, it
// has answered already: 413 for an absurd body, 400 for one that was cut on the
// way and may come again.
func ReadPush(w http.ResponseWriter, r *http.Request, most int64) (body []byte, ok bool) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, most))
	var tooBig *http.MaxBytesError
	switch {
	case errors.As(err, &tooBig):
		http.Error(w, "too large", http.StatusRequestEntityTooLarge)
	case err != nil:
		http.Error(w, "unreadable body", http.StatusBadRequest)
	}
	return body, err == nil
}

// MaxPush bounds the body of one pushed update; a real one is some kilobytes.
const MaxPush = 4 << 20

// ServePush answers a push of a bot whose secret was right: 200 only when take has
// stored it or decided that nothing of it is kept; with the status take gives
// otherwise, which makes the platform come again.
func ServePush(w http.ResponseWriter, r *http.Request, p domain.Platform, log *slog.Logger, take func(ctx context.Context, bot string, body []byte) (int, error)) {
	body, ok := ReadPush(w, r, MaxPush)
	if !ok {
		return
	}
	bot := r.PathValue("bot")
	status, err := take(r.Context(), bot, body)
	if err != nil {
		log.Warn(string(p)+" push not taken", "bot", bot, "status", status, "err", err)
		http.Error(w, http.StatusText(status), status)
		return
	}
	w.WriteHeader(http.StatusOK)
}

// Pushed adds to the batch of a push that it came: no poll tells of the state of
// such a source and of its newest post.
func Pushed(b domain.Batch, now time.Time) domain.Batch {
	b.State, b.Reason, b.Activity = domain.SourceActive, "обновления приходят", b.Source.Activity
	for i := range b.Posts {
		b.Activity = Heard(b.Activity, b.Posts[i].PublishedAt, now)
	}
	return b
}

// Latest adds a post, or replaces its earlier version in the same batch: a message
// and its edit often come in one answer, in any order.
func Latest(posts []domain.Post, p domain.Post) []domain.Post {
	at := slices.IndexFunc(posts, func(o domain.Post) bool { return o.ID == p.ID })
	if at < 0 {
		return append(posts, p)
	}
	if !p.EditedAt.Before(posts[at].EditedAt) {
		posts[at] = p
	}
	return posts
}
