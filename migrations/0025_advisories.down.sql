-- Takes 0025_advisories back: audits find nothing until the advisories are imported again.
DROP TABLE advisory_imports;
DROP TABLE advisory_packages;
DROP TABLE advisories;
