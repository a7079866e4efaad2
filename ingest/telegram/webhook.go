package tgingest

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"log/slog"
	"net/http"
	"strconv"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/ingest"
	"github.com/otklik/otklik/platform/telegram"
)

// SecretHeader carries the secret a webhook was registered with.
const SecretHeader = "X-Telegram-Bot-Api-Secret-Token" // #nosec: a header's name

// Webhook takes updates that Telegram pushes. Mount it with the bot's id in the
// pattern: mux.Handle("POST /telegram/{bot}", webhook). It answers 200 only
// after the update is stored; anything else makes Telegram repeat it, and a
// repeated update is stored again under the same identity, harmlessly. The
// cursor of such a source is only memory (see botCursor): two pushes that write
// it at once cost a comment the name of its thread's channel post, no more.
type Webhook struct {
	Sources ingest.SourceFinder
	Sink    ingest.Sink
	Policy  ingest.Policy
	Clock   domain.Clock
	// Secrets by bot id (telegram.WebhookSecret of the bot's token).
	Secrets map[string]string
	Count   Count // may be nil
	Talk    *Talk // may be nil
	Log     *slog.Logger
}

// ServeHTTP handles one push.
func (h *Webhook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	bot := r.PathValue("bot")
	secret, known := h.Secrets[bot]
	given := r.Header.Get(SecretHeader)
	if !known || secret == "" || subtle.ConstantTimeCompare([]byte(given), []byte(secret)) != 1 {
		http.Error(w, "wrong secret", http.StatusForbidden)
		return
	}
	ingest.ServePush(w, r, domain.Telegram, h.Log, h.take)
}

// take maps and stores one update. An error comes with the status to answer.
func (h *Webhook) take(ctx context.Context, bot string, body []byte) (int, error) {
	src, err := h.Sources.SourceByAddress(ctx, domain.TelegramWebhook, bot)
	if err != nil {
		return http.StatusServiceUnavailable, err
	}
	dropped, err := h.Policy.Drop(ctx, h.Sink, src)
	if err != nil {
		return http.StatusServiceUnavailable, err
	}
	if dropped != "" {
		if h.Count != nil {
			h.Count(src, Skip(dropped), 1)
		}
		return http.StatusOK, nil
	}
	id, err := strconv.ParseInt(bot, 10, 64)
	if err != nil {
		return http.StatusNotFound, err
	}
	m, err := newMapper(src, id, h.Talk)
	if err != nil {
		return http.StatusServiceUnavailable, err
	}
	u, err := telegram.ParseUpdate(body)
	if err != nil {
		// Who knows the secret and sends this is not the Bot API; repeating will not mend it.
		return http.StatusBadRequest, err
	}
	old := m.cur.clone()
	batch := ingest.Pushed(domain.Batch{Source: src, Posts: m.updates(telegram.Updates{List: []telegram.Update{u}}, h.Count)}, h.Clock.Now())
	batch.Seats = m.seats
	if !m.cur.equal(old) {
		if batch.Cursor, err = json.Marshal(m.cur); err != nil {
			return http.StatusInternalServerError, err
		}
	}
	if len(batch.Posts) == 0 && len(batch.Seats) == 0 && batch.Cursor == nil {
		return http.StatusOK, nil // nothing of it is kept
	}
	if err := h.Sink.Push(ctx, batch); err != nil {
		return http.StatusServiceUnavailable, err
	}
	h.Talk.answer(ctx, src, m.presses)
	return http.StatusOK, nil
}
