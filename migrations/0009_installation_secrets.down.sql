-- Takes 0009_installation_secrets back: the next node to start says anew which secrets count.
DROP TABLE installation_secrets;
