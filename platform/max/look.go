package max

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/otklik/otklik/domain"
)

// pageSize is the most messages GET /messages gives at once.
const pageSize = 100

// lookPages bounds how far back a look reaches: 2,000 messages since the first
// try are not a chat any more.
const lookPages = 20

// lookSlack is taken off the time of the first try: our clock and MAX's differ.
const lookSlack = 2 * time.Minute

// GetMessage reads one message.
func (c *Client) GetMessage(ctx context.Context, mid string) (Message, error) {
	var m Message
	return m, c.call(ctx, request{verb: http.MethodGet, path: pathMessages + "/" + url.PathEscape(mid)}, &m)
}

// GetMessages reads up to 100 messages of a chat, newest first, not newer than
// before; a zero before means from the newest.
func (c *Client) GetMessages(ctx context.Context, chat int64, before time.Time) ([]Message, error) {
	// from is the upper bound and to the lower, against what their names say: the
	// list runs backwards (OpenAPI file, GET /messages).
	q := url.Values{"chat_id": {strconv.FormatInt(chat, 10)}, "count": {strconv.Itoa(pageSize)}}
	if !before.IsZero() {
		q.Set("from", strconv.FormatInt(before.UnixMilli(), 10))
	}
	var out struct {
		Messages []Message `json:"messages"`
	}
	r := request{verb: http.MethodGet, path: pathMessages, query: q}
	if err := c.call(ctx, r, &out); err != nil {
		return nil, err
	}
	if out.Messages == nil {
		return nil, c.strange(r, http.StatusOK, errors.New("the answer has no list of messages"))
	}
	return out.Messages, nil
}

// Look says which message of ours is looked for.
type Look struct {
	Chat    int64
	Bot     int64  // our own number
	Text    string // as it was sent
	ReplyTo string // as it was sent
	Since   time.Time
	// Known are messages with the same words that belong to other deliveries.
	Known []string
}

// FindSent looks into a chat for a message of ours since the first try, so that a
// send without an answer is repeated only if it did not happen. found false with
// a nil error means that it surely is not there now; MAX may still be busy with a
// request it has taken, so a caller waits a little before it looks.
func (c *Client) FindSent(ctx context.Context, l Look) (mid string, found bool, err error) {
	since := l.Since.Add(-lookSlack)
	seen := map[string]bool{}
	var before time.Time
	for range lookPages {
		page, err := c.GetMessages(ctx, l.Chat, before)
		if err != nil {
			return "", false, err
		}
		moved := false
		for i := range page {
			m := &page[i]
			if l.is(m, since) {
				return m.ID(), true, nil
			}
			if !seen[m.ID()] {
				seen[m.ID()], moved, before = true, true, m.At()
			}
		}
		if len(page) < pageSize || before.Before(since) {
			return "", false, nil
		}
		if !moved { // a page over and over: a chat of one instant, or a bound MAX does not heed
			break
		}
	}
	return "", false, &domain.PlatformError{
		Platform: domain.MAX, Method: http.MethodGet + " " + pathMessages, Reaction: domain.AskPerson,
		Words: "неизвестно, дошло ли сообщение: чат не удалось просмотреть до времени отправки",
		Err:   errors.New("the chat is too busy to be looked through"),
	}
}

func (l Look) is(m *Message, since time.Time) bool {
	if m.Body == nil || m.Sender == nil || m.Sender.ID != l.Bot || m.At().Before(since) {
		return false
	}
	if slices.Contains(l.Known, m.Body.ID) || plainText(m.Body.Text) != plainText(l.Text) {
		return false
	}
	answers := ""
	if m.Link != nil && m.Link.Type == LinkReply {
		answers = m.Link.Message.ID
	}
	return answers == l.ReplyTo
}

// plainText levels what a platform may change of a text without changing it.
func plainText(s string) string {
	return strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n"))
}
