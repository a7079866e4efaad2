package telegram

import (
	"context"
	"errors"
	"unicode/utf8"

	"github.com/go-telegram/bot/models"

	"github.com/otklik/otklik/domain"
)

// MaxData is what a button may carry, in bytes (Bot API, InlineKeyboardButton).
const MaxData = 64

// Button is one button under a message; Data comes back when it is pressed, or URL
// is opened.
type Button struct{ Text, Data, URL string }

// keyboard is the markup of a message; nil without buttons. What Telegram would
// refuse is refused before it costs a call.
func keyboard(rows [][]Button) (models.ReplyMarkup, error) {
	if len(rows) == 0 {
		return nil, nil
	}
	k := &models.InlineKeyboardMarkup{}
	for _, row := range rows {
		var keys []models.InlineKeyboardButton
		for _, b := range row {
			if b.Text == "" || (b.Data == "") == (b.URL == "") || len(b.Data) > MaxData || !utf8.ValidString(b.Data) {
				return nil, &domain.PlatformError{Platform: domain.Telegram, Method: "sendMessage", Code: 400, Reaction: domain.ReportBug,
					Words: "кнопка без текста или слишком длинная", Err: errors.New("button out of bounds")}
			}
			keys = append(keys, models.InlineKeyboardButton{Text: b.Text, CallbackData: b.Data, URL: b.URL})
		}
		k.InlineKeyboard = append(k.InlineKeyboard, keys)
	}
	return k, nil
}

// AnswerCallback tells Telegram that a press was heard and shows words for a moment.
func (c *Client) AnswerCallback(ctx context.Context, callback, words string) error {
	return c.into(ctx, "answerCallbackQuery", map[string]any{"callback_query_id": callback, "text": words}, nil)
}
