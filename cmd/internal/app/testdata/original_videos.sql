-- The table of jobs as the original makes it.
CREATE TABLE video_jobs (
    id uuid NOT NULL PRIMARY KEY,
    user_id varchar(255) NOT NULL,
    original_filename varchar(500) NOT NULL,
    file_path varchar(1000) NOT NULL,
    file_size integer NOT NULL,
    video_format varchar(10) NOT NULL,
    duration double precision,
    frame_rate double precision,
    extraction_fps double precision NOT NULL,
    status varchar(20) NOT NULL,
    frame_count integer,
    zip_file_path varchar(1000),
    zip_file_size integer,
    error_message text,
    processing_started_at timestamp,
    processing_completed_at timestamp,
    created_at timestamp NOT NULL,
    updated_at timestamp NOT NULL,
    job_metadata json
);
CREATE INDEX ix_video_jobs_id ON video_jobs (id);
CREATE TABLE alembic_version (version_num varchar(32) NOT NULL PRIMARY KEY);
INSERT INTO alembic_version VALUES ('932656f99eee');

-- job adds a row with the file videos/OWNER/NAME, of five bytes.
CREATE FUNCTION job(n int, owner text, state text, path text, size int, meta json) RETURNS void LANGUAGE sql AS $$
    INSERT INTO video_jobs VALUES (('b0000000-0000-4000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, owner, 'My film.mp4', path, size,
        'mp4', 5, 25, 2, state, NULL, NULL, NULL, NULL, NULL, NULL, '2024-05-01 10:00:00.5', '2024-05-01 11:00:00', meta)
$$;

SELECT job(1, 'a0000000-0000-4000-8000-000000000001', 'completed', '/app/storage/videos/a0000000-0000-4000-8000-000000000001/one.mp4', 5,
    '{"extraction_config":{"output_format":"jpg","quality":80,"start_time":1.5,"end_time":null,"max_frames":100},
      "video_info":{"resolution":[1920,1080],"codec":"h264","bitrate":900000,"has_audio":true},"estimated_frames":7,
      "download_stats":{"count":3,"first_downloaded_at":"2024-05-02T00:00:00","last_downloaded_at":"2024-05-03T00:00:00.25"}}');
UPDATE video_jobs SET frame_count = 7, zip_file_path = '/app/storage/results/a0000000-0000-4000-8000-000000000001/one_frames.zip', zip_file_size = 8,
    processing_started_at = '2024-05-01 10:30:00', processing_completed_at = '2024-05-01 10:40:00';
-- Its archive is gone.
SELECT job(2, 'A0000000-0000-4000-8000-000000000001', 'COMPLETED', '/app/storage/videos/a0000000-0000-4000-8000-000000000001/one.mp4', 5, NULL);
UPDATE video_jobs SET frame_count = 9, zip_file_path = '/app/storage/results/a0000000-0000-4000-8000-000000000001/gone_frames.zip', zip_file_size = 8
    WHERE frame_count IS NULL;
SELECT job(3, 'a0000000-0000-4000-8000-000000000001', 'pending', '/data/videos/a0000000-0000-4000-8000-000000000001/one.mp4', 5, '{}');
SELECT job(4, 'a0000000-0000-4000-8000-000000000001', 'processing', '/app/storage/videos/a0000000-0000-4000-8000-000000000001/one.mp4', 5, '[1]');
-- Its video comes later.
SELECT job(5, 'a0000000-0000-4000-8000-000000000001', 'pending', '/app/storage/videos/a0000000-0000-4000-8000-000000000001/late.mp4', 5, NULL);
SELECT job(6, 'a0000000-0000-4000-8000-000000000001', 'failed', '/app/storage/videos/a0000000-0000-4000-8000-000000000001/one.mp4', 5, NULL);
UPDATE video_jobs SET error_message = E'ffmpeg: /app/storage/videos/x.mp4:\n\033[31mbroken' WHERE status = 'failed';
SELECT job(7, 'a0000000-0000-4000-8000-000000000001', 'cancelled', '/app/storage/videos/a0000000-0000-4000-8000-000000000001/one.mp4', 5, NULL);
SELECT job(8, 'a0000000-0000-4000-8000-000000000001', 'archived', '/app/storage/videos/a0000000-0000-4000-8000-000000000001/one.mp4', 5, NULL);
SELECT job(9, 'a0000000-0000-4000-8000-000000000001', 'cancelled', '/app/storage/videos/a0000000-0000-4000-8000-000000000001/../../../secret', 5, NULL);
SELECT job(10, 'a0000000-0000-4000-8000-000000000001', 'cancelled', '/app/storage/videos/a0000000-0000-4000-8000-000000000002/bobs.mp4', 5, NULL);
SELECT job(11, 'a0000000-0000-4000-8000-000000000001', 'cancelled', '/app/storage/videos/a0000000-0000-4000-8000-000000000001/link.mp4', 5, NULL);
SELECT job(12, 'a0000000-0000-4000-8000-000000000001', 'cancelled', '/app/storage/videos/a0000000-0000-4000-8000-000000000001/one.mp4', 6, NULL);
SELECT job(13, 'a0000000-0000-4000-8000-000000000001', 'cancelled', '/app/storage/videos/a0000000-0000-4000-8000-000000000001/one.mp4', 5,
    ('{"x":"' || repeat('y', 3000000) || '"}')::json);
UPDATE video_jobs SET duration = 'NaN', frame_rate = 'Infinity' WHERE job_metadata::text LIKE '%yyyy%';
SELECT job(14, 'user-without-account', 'cancelled', '', 5, NULL);
SELECT job(15, 'a0000000-0000-4000-8000-000000000003', 'cancelled', '', 5, NULL);
SELECT job(16, 'a0000000-0000-4000-8000-000000000001', 'pending', '/app/storage/videos/a0000000-0000-4000-8000-000000000001/one.mp4', 5,
    '{"extraction_config":{"quality":900}}');
SELECT job(17, 'a0000000-0000-4000-8000-000000000001', 'cancelled', '/app/storage/videos/a0000000-0000-4000-8000-000000000001/one.mp4', 5,
    '{"extraction_config":{"quality":900}}');
SELECT job(18, 'a0000000-0000-4000-8000-000000000002', 'failed', '', 0, 'null');
UPDATE video_jobs SET original_filename = E'../../etc/pass\nwd.mp4', error_message = NULL, duration = NULL, frame_rate = NULL WHERE user_id LIKE '%2';
