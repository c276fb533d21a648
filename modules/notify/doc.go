// Package notify turns the ends of jobs into mails to their owners. It hears of an end from the bus, and looks for those it
// missed, so that an end is neither lost nor told twice; a mail that cannot be sent waits and is tried again. What a job is
// and what its owner wants to hear is asked of videos when the mail is written; mails about accounts are auth's own.
package notify
