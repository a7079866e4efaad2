package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
)

type statsCmd struct {
	Region string `help:"Только этот регион."`
	JSON   bool   `help:"Одна строка JSON."`
}

// Run implements the command.
func (c statsCmd) Run(p *program) error {
	return withStore(p, func(ctx context.Context, in *infra, _ *slog.Logger) error {
		st, err := in.store.Stats(ctx, c.Region)
		if err != nil {
			return err
		}
		if c.JSON {
			return json.NewEncoder(p.stdout).Encode(st)
		}
		fmt.Fprintf(p.stdout, "сообщений %d: проблем %d, неясных %d; инцидентов %d: у органов %d, на разборе %d, снято %d; просрочено %d; ответов %d\n",
			st.Posts, st.Problems, st.Undecided, st.Cases, st.InHand(), st.Moderation, st.Dropped, st.Overdue, st.Replies)
		return nil
	})
}
