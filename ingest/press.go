package ingest

import (
	"context"
	"log/slog"
	"time"

	"github.com/otklik/otklik/domain"
)

// UnknownPress stands for what a button carries that is none of ours, or nothing.
const UnknownPress = "?"

// pressWithin is how long answering presses may take beside a pull or a push.
const pressWithin = 5 * time.Second

// AnswerPresses tells a platform that the presses of buttons were heard; until then
// a button looks busy. One that cannot be told is of no account: its words come all
// the same.
func AnswerPresses(ctx context.Context, log *slog.Logger, src domain.Source, presses []string, answer func(ctx context.Context, press string) error) {
	if len(presses) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, pressWithin)
	defer cancel()
	for _, id := range presses {
		if err := answer(ctx, id); err != nil && ctx.Err() == nil {
			log.Debug("a press was not answered", "source", src.ID, "err", err)
		}
	}
}
