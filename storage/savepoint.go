package storage

import (
	"context"
	"fmt"
	"runtime/debug"

	"github.com/jackc/pgx/v5"

	"github.com/otklik/otklik/storage/db"
)

// inSavepoint does one of many things in a savepoint: what goes wrong with it, a panic too,
// leaves nothing behind and stops no other.
func inSavepoint(ctx context.Context, tx pgx.Tx, do func(q *db.Queries) error) error {
	return pgx.BeginFunc(ctx, tx, func(own pgx.Tx) (err error) {
		defer func() {
			if r := recover(); r != nil {
				err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
			}
		}()
		return do(db.New(own))
	})
}

// endsAll tells a fault of the whole transaction from one of the thing done apart.
func endsAll(ctx context.Context, tx pgx.Tx, err error) bool {
	return err != nil && (ctx.Err() != nil || worthRepeating(err) || tx.Conn().IsClosed())
}
