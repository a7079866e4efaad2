package domain

import "time"

// WorkDay is the hours of a working day, local time: the first reaction has a
// norm in working hours (R8). The break is left out when it is empty.
type WorkDay struct {
	From, To           int // hours, 9 and 18
	BreakFrom, BreakTo int // hours, 13 and 14
}

// DefaultWorkDay is nine to six with an hour's break.
func DefaultWorkDay() WorkDay { return WorkDay{From: 9, To: 18, BreakFrom: 13, BreakTo: 14} }

// span is a piece of time, half-open.
type span struct{ from, to time.Time }

func (s span) within(from, to time.Time) time.Duration {
	if s.from.Before(from) {
		s.from = from
	}
	if s.to.After(to) {
		s.to = to
	}
	return max(0, s.to.Sub(s.from))
}

// WorkingTime is the working time between two instants. A short day ends an
// hour earlier. The error is ErrCalendarYear.
func (a Almanac) WorkingTime(from, to time.Time, day WorkDay) (time.Duration, error) {
	var total time.Duration
	for d := DateOf(from, a.Zone); !to.Before(d.Start(a.Zone)); d = d.Add(1) {
		spans, err := a.hours(d, day)
		if err != nil {
			return 0, err
		}
		for _, s := range spans {
			total += s.within(from, to)
		}
	}
	return total, nil
}

// AfterWorking is the instant at which the given working time has passed since
// from. The error is ErrCalendarYear.
func (a Almanac) AfterWorking(from time.Time, left time.Duration, day WorkDay) (time.Time, error) {
	for d := DateOf(from, a.Zone); ; d = d.Add(1) {
		spans, err := a.hours(d, day)
		if err != nil {
			return time.Time{}, err
		}
		for _, s := range spans {
			worked := s.within(from, s.to)
			if worked > 0 && worked >= left {
				return s.to.Add(left - worked), nil
			}
			left -= worked
		}
	}
}

// hours are the pieces of a day that are worked.
func (a Almanac) hours(d Date, day WorkDay) ([]span, error) {
	worked, err := a.Calendar.IsWorking(d)
	if err != nil || !worked {
		return nil, err
	}
	end := day.To
	if a.Calendar.IsShort(d) {
		end--
	}
	if day.BreakFrom >= day.BreakTo {
		return []span{{d.At(day.From, 0, a.Zone), d.At(end, 0, a.Zone)}}, nil
	}
	return []span{
		{d.At(day.From, 0, a.Zone), d.At(day.BreakFrom, 0, a.Zone)},
		{d.At(day.BreakTo, 0, a.Zone), d.At(end, 0, a.Zone)},
	}, nil
}
