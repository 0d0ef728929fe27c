-- Takes 0016_downloads_and_search back: totals of downloads are lost, and nothing is searched any more.
DROP TABLE package_words;
DROP TABLE download_totals;
