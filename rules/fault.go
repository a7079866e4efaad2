package rules

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Code names a kind of fault for machines and tests.
type Code string

// Codes of the loader and the structure checks.
const (
	CodeSyntax            Code = "syntax"             // not YAML at all
	CodeMissingFile       Code = "missing_file"       //
	CodeUnknownFile       Code = "unknown_file"       // a file no part of a pack
	CodeUnknownKey        Code = "unknown_key"        //
	CodeDuplicateKey      Code = "duplicate_key"      //
	CodeWrongType         Code = "wrong_type"         //
	CodeEmpty             Code = "empty"              // a value that must be given is not
	CodeBadValue          Code = "bad_value"          // outside the allowed values
	CodeBadDate           Code = "bad_date"           //
	CodeDateOrder         Code = "date_order"         // valid_to before valid_from
	CodeBadZone           Code = "bad_zone"           //
	CodeBadCron           Code = "bad_cron"           //
	CodeChannelDecision   Code = "channel_decision"   // law.md §4: no recorded decision
	CodeRowDuplicate      Code = "row_duplicate"      //
	CodeRowGap            Code = "row_gap"            //
	CodeRowDays           Code = "row_days"           // days ≤ 0, or over a year
	CodeRowNoTopic        Code = "row_no_topic"       // a row nothing can find
	CodeTopicUnknown      Code = "topic_unknown"      //
	CodeTopicTwice        Code = "topic_twice"        // one topic in two rows
	CodePraise            Code = "praise"             // a row and its topics differ on thanks
	CodeBeyond            Code = "beyond"             // beyond and outcome: explained differ
	CodeDuplicateID       Code = "duplicate_id"       //
	CodeTwoAlphabets      Code = "two_alphabets"      // a Latin letter in a Cyrillic word of a name
	CodeTopicWeak         Code = "topic_weak"         // phrases can never reach the score that names a topic
	CodeFewSentences      Code = "few_sentences"      //
	CodePhraseEmpty       Code = "phrase_empty"       // neither all, any nor near
	CodePhraseSlot        Code = "phrase_slot"        // empty slot or alternative
	CodePhraseBlocked     Code = "phrase_blocked"     // its not covers its own condition
	CodeAgencyUnknown     Code = "agency_unknown"     //
	CodeAgencyCycle       Code = "agency_cycle"       //
	CodeAgencyExpired     Code = "agency_expired"     // a body has routes and is not in force
	CodeMunicipality      Code = "municipality"       // unknown municipality
	CodeMunicipalityBody  Code = "municipality_body"  // municipality without agency
	CodeTerritory         Code = "territory"          // a body is given a place outside its territory
	CodeRouteMissing      Code = "route_missing"      // category without route of its own
	CodeRouteNoDefault    Code = "route_no_default"   //
	CodeRouteUnreachable  Code = "route_unreachable"  //
	CodeRouteOverlap      Code = "route_overlap"      //
	CodeRouteNoOtherwise  Code = "route_no_otherwise" // to: municipality without otherwise
	CodeCalendarYear      Code = "calendar_year"      // year not in the calendar
	CodeCalendarDay       Code = "calendar_day"       // a date in the wrong list or year
	CodeDecreeExpired     Code = "decree_expired"     // a warning: valid_to is past
	CodeSettlementUnknown Code = "settlement_unknown" // a street of an unknown settlement
)

// Fault is one thing wrong with a pack: where it is, what it is, how to mend
// it. What and Mend are Russian: administrators of a region read them.
type Fault struct {
	File string `json:"file"`
	Line int    `json:"line"` // from 1; 0 when the whole file is meant
	Code Code   `json:"code"`
	What string `json:"what"`
	Mend string `json:"mend"`
}

// String is "file:line: what. Как исправить: mend".
func (f Fault) String() string {
	where := f.File
	if f.Line > 0 {
		where = fmt.Sprintf("%s:%d", f.File, f.Line)
	}
	return fmt.Sprintf("%s: %s. Как исправить: %s", where, f.What, f.Mend)
}

// Faults is every fault of a pack, found at once. It is an error when it is
// not empty; use Err to get a nil error from an empty list.
type Faults []Fault

// Error implements error: one fault a line.
func (fs Faults) Error() string {
	lines := make([]string, 0, len(fs))
	for _, f := range fs {
		lines = append(lines, f.String())
	}
	return strings.Join(lines, "\n")
}

// Err is fs as an error, nil when there is no fault.
func (fs Faults) Err() error {
	if len(fs) == 0 {
		return nil
	}
	return fs
}

// sorted puts the faults in the order a person mends them: by file and line.
func (fs Faults) sorted() Faults {
	slices.SortStableFunc(fs, func(a, b Fault) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line),
			cmp.Compare(a.Code, b.Code), cmp.Compare(a.What, b.What))
	})
	return fs
}
