package ingest

import "github.com/otklik/otklik/domain"

// BadSettings is what a puller ends with when the settings of its source cannot be
// used: a person has to mend them. Err stays the fault itself, in Russian.
func BadSettings(p domain.Platform, err error) error {
	return &domain.PlatformError{
		Platform: p, Method: "settings", Reaction: domain.AskPerson,
		Words: "настройки источника не читаются: " + err.Error(), Err: err,
	}
}
