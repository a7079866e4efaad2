package storage

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/otklik/otklik/domain"
)

// SQLSTATEs of our own triggers (migrations/00003_cases.sql).
const (
	stateNoMove = "OT001"
	stateNever  = "OT002"
)

// named says what was being done and which of domain's errors it is.
func named(doing string, err error) error {
	if err == nil {
		return nil
	}
	kind := kindOf(err)
	if kind == nil || errors.Is(err, kind) {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return fmt.Errorf("%s: %w: %w", doing, kind, err)
}

func kindOf(err error) error {
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return domain.ErrNotFound
	case errors.Is(err, context.Canceled):
		return nil // asked for by the caller
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return kindOfState(pg.Code)
	}
	if lostConnection(err) {
		return domain.ErrUnavailable
	}
	return nil
}

// kindOfState sorts SQLSTATEs (PostgreSQL documentation, appendix A).
func kindOfState(code string) error {
	switch code {
	case stateNoMove:
		return domain.ErrNoMove
	case "23502", "23514": // not_null_violation, check_violation
		return domain.ErrRefused
	case "55P03", "57014", "25P03", "57P01", "57P02", "57P03", "57P05", "40001", "40P01":
		// lock and statement timeouts, shutdown, start-up, repeats used up
		return domain.ErrUnavailable
	}
	switch code[:2] {
	case "22", "54": // data exception, program limit exceeded
		return domain.ErrRefused
	case "08", "53": // connection exception, insufficient resources
		return domain.ErrUnavailable
	}
	return nil
}

func lostConnection(err error) bool {
	var connect *pgconn.ConnectError
	var network net.Error
	return errors.As(err, &connect) || errors.As(err, &network) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) ||
		errors.Is(err, context.DeadlineExceeded) || pgconn.SafeToRetry(err) ||
		strings.Contains(err.Error(), "conn closed") // pgx has no name for it
}
