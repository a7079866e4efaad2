package storage

import (
	"context"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage/db"
)

// maxAttempts is after how many tries a notice is given up and shown as failed:
// with the backoff of migrations/00004 that is about seven hours.
const maxAttempts = 12

// PutNotices adds notices whose key is not there yet and returns how many were new.
func (s *Store) PutNotices(ctx context.Context, ns []domain.Notice) (int, error) {
	if len(ns) == 0 {
		return 0, nil
	}
	var p db.PutNoticesParams
	now := s.opts.Clock.Now()
	for _, n := range ns {
		addNotice(&p, n, now)
	}
	fresh, err := s.queries().PutNotices(ctx, p)
	return int(fresh), named("put notices", err)
}

// ClaimNotices takes up to limit notices that are due for a try. The attempt is
// written before it returns: a sender that dies leaves a row that is tried
// again after its backoff. Several senders never get the same row.
func (s *Store) ClaimNotices(ctx context.Context, now time.Time, limit int) ([]domain.QueuedNotice, error) {
	rows, err := s.queries().ClaimNotices(ctx, stamp(now), s.regions(), small(limit))
	if err != nil {
		return nil, named("claim notices", err)
	}
	out := make([]domain.QueuedNotice, len(rows))
	for i, r := range rows {
		out[i] = domain.QueuedNotice{ID: r.ID, Attempt: int(r.Attempts), Notice: toNotice(r)}
	}
	return out, nil
}

// FinishNotice notes how a try ended: nil is sent. After twelve failed tries a
// notice is given up and counted by NoticeBacklog.
func (s *Store) FinishNotice(ctx context.Context, id int64, now time.Time, failure error) error {
	if failure == nil {
		n, err := s.queries().NoticeSent(ctx, stamp(now), id)
		return onlyOne("note sent notice", n, err)
	}
	n, err := s.queries().NoticeFailed(ctx, clean(failure.Error()), maxAttempts, id)
	return onlyOne("note failed notice", n, err)
}

// NoticeBacklog counts notices that wait and those given up.
func (s *Store) NoticeBacklog(ctx context.Context) (waiting, failed int64, err error) {
	row, err := s.queries().WaitingNotices(ctx)
	return row.Waiting, row.Failed, named("count notices", err)
}

// noticeWithin is how soon a notice leaves; an urgent one must within a minute.
const noticeWithin = time.Minute

// LateNotices counts notices that wait for longer than they may.
func (s *Store) LateNotices(ctx context.Context, now time.Time) (int64, error) {
	n, err := s.queries().CountLateNotices(ctx, stamp(now.Add(-noticeWithin)))
	return n, named("count late notices", err)
}

// Notices lists a region's latest notices, newest first.
func (s *Store) Notices(ctx context.Context, region string, limit int) ([]domain.Notice, error) {
	rows, err := s.queries().NoticesOf(ctx, region, small(limit))
	if err != nil {
		return nil, named("list notices", err)
	}
	out := make([]domain.Notice, len(rows))
	for i, r := range rows {
		out[i] = toNotice(r)
	}
	return out, nil
}

func toNotice(r db.Notice) domain.Notice {
	return domain.Notice{Key: r.Key, Kind: domain.NoticeKind(r.Kind), Region: r.Region, CaseID: r.CaseID.Int64,
		ToRole: r.ToRole, ToAgency: r.ToAgency, Text: r.Text, At: moment(r.At)}
}
