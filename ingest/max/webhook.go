package maxingest

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/ingest"
	"github.com/otklik/otklik/platform/max"
)

// SecretHeader carries the secret a webhook was registered with.
const SecretHeader = "X-Max-Bot-Api-Secret" // #nosec: a header's name

// Webhook takes updates that MAX pushes. Mount it with the bot's number in the
// pattern: mux.Handle("POST /max/{bot}", webhook). It answers 200 only after the
// update is stored; anything else makes MAX repeat it, up to ten times over eight
// hours, and a repeated update is stored again under the same identity,
// harmlessly.
type Webhook struct {
	Sources ingest.SourceFinder
	Sink    ingest.Sink
	Policy  ingest.Policy
	Bots    *max.Bots
	Clock   domain.Clock
	Count   Count // may be nil
	Talk    *Talk // may be nil
	Log     *slog.Logger
}

// ServeHTTP handles one push.
func (h *Webhook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	bot := r.PathValue("bot")
	if !h.Bots.Allowed(bot, r.Header.Get(SecretHeader)) {
		http.Error(w, "wrong secret", http.StatusForbidden)
		return
	}
	ingest.ServePush(w, r, domain.MAX, h.Log, h.take)
}

// take maps and stores one update. An error comes with the status to answer.
func (h *Webhook) take(ctx context.Context, bot string, body []byte) (int, error) {
	src, err := h.Sources.SourceByAddress(ctx, domain.MAXWebhook, bot)
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
	m, err := newMapper(h.Clock.Now(), src, h.Talk)
	if err != nil {
		return http.StatusServiceUnavailable, err
	}
	u, err := max.ParseUpdate(body)
	if err != nil {
		// Who knows the secret and sends this is not MAX; repeating will not mend it.
		return http.StatusBadRequest, err
	}
	batch := m.batch(max.Updates{List: []max.Update{u}}, h.Count)
	speaker := &lateBot{bots: h.Bots, address: bot}
	batch.Posts = h.Talk.recall(ctx, m, speaker, batch.Posts)
	titles(ctx, speaker, batch.Seats)
	batch = ingest.Pushed(batch, h.Clock.Now())
	if len(batch.Posts) == 0 && len(batch.Deletions) == 0 && len(batch.Seats) == 0 {
		return http.StatusOK, nil // nothing of it is kept
	}
	if err := h.Sink.Push(ctx, batch); err != nil {
		return http.StatusServiceUnavailable, err
	}
	h.Talk.answer(ctx, src, speaker, m.presses)
	return http.StatusOK, nil
}

// lateBot finds its bot when it is first called: most pushes need none.
type lateBot struct {
	bots    *max.Bots
	address string
}

// GetMessages implements dialogs.
func (l *lateBot) GetMessages(ctx context.Context, chat int64, before time.Time) ([]max.Message, error) {
	bot, err := l.bots.Find(ctx, l.address)
	if err != nil {
		return nil, err
	}
	return bot.GetMessages(ctx, chat, before)
}

// GetChat implements chats.
func (l *lateBot) GetChat(ctx context.Context, chat int64) (max.Chat, error) {
	bot, err := l.bots.Find(ctx, l.address)
	if err != nil {
		return max.Chat{}, err
	}
	return bot.GetChat(ctx, chat)
}

// AnswerCallback implements dialogs.
func (l *lateBot) AnswerCallback(ctx context.Context, callback string, a max.Answer) error {
	bot, err := l.bots.Find(ctx, l.address)
	if err != nil {
		return err
	}
	return bot.AnswerCallback(ctx, callback, a)
}
