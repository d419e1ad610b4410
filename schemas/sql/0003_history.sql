-- What each event did to the tables beside the history, so that they can be made anew from it.
ALTER TABLE event ADD COLUMN changes TEXT NOT NULL DEFAULT '';

-- The tables as they were when the history began to tell it: rows of stores from before. Empty in a
-- store that was made with this schema or a newer one.
CREATE TABLE baseline (
    kind TEXT NOT NULL,
    id   TEXT NOT NULL,
    row  TEXT NOT NULL,
    PRIMARY KEY (kind, id)
) WITHOUT ROWID;
INSERT INTO baseline SELECT 'campaign', name, json_object('name', name, 'record', record)
    FROM campaign;
INSERT INTO baseline SELECT 'proposal', id, json_object('id', id, 'record', record)
    FROM proposal;
INSERT INTO baseline SELECT 'result', id, json_object('id', id, 'proposal', proposal,
    'attempt', attempt, 'client', client, 'cmd_id', cmd_id, 'held', held, 'record', record,
    'time', time) FROM result;
INSERT INTO baseline SELECT 'observation', id, json_object('id', id, 'campaign', campaign,
    'record', record) FROM observation;
INSERT INTO baseline SELECT 'alarm', id, json_object('id', id, 'campaign', campaign, 'text', text,
    'time', time, 'acked_by', acked_by) FROM alarm;
INSERT INTO meta SELECT 'baseline', gseq FROM event ORDER BY gseq DESC LIMIT 1;
